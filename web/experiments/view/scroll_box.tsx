import './scroll_box.css';

interface ScrollBoxProps {
  /** What is in it. */
  readonly label: string;
  readonly children: preact.ComponentChildren;
}

/** Something wider or higher than its place, which the keyboard can scroll too. */
export function ScrollBox({ label, children }: ScrollBoxProps) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must take the focus to be scrolled by keys
    <section class="scroll-box" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}
