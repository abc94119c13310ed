import { useLayoutEffect, useRef } from 'preact/hooks';

/** The ref of a dialog that is modal while `open`, from the rendering on that says so: the next key is already the dialog's. */
export function useDialog(open: boolean) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    if (open) dialog.current?.showModal();
    else dialog.current?.close();
  }, [open]);
  return dialog;
}
