import type { VNode } from 'preact';
import type { PanelName, Settings } from '../viewport/settings.ts';
import { LadderPanel } from './ladder_panel.tsx';
import type { SheetName } from './sheets.tsx';
import { Splitter } from './splitter.tsx';
import { TapePanel } from './tape_panel.tsx';
import { useTerminal } from './use_terminal.ts';

type SideName = Extract<PanelName, 'ladder' | 'tape' | 'signal'>;

interface Side {
  readonly name: SideName;
  /** The setting that holds its width. */
  readonly size: keyof Settings & `${SideName}Px`;
  readonly range: readonly [number, number];
  readonly words: string;
}

/** The panels beside the price axis whose width the user chooses, from left to right. */
const sides: readonly Side[] = [
  { name: 'ladder', size: 'ladderPx', range: [260, 640], words: 'Width of the ladder' },
  { name: 'tape', size: 'tapePx', range: [220, 560], words: 'Width of the tape' },
  { name: 'signal', size: 'signalPx', range: [200, 480], words: 'Width of the signal panel' },
];

interface SidePanelsProps {
  readonly shows: (name: SideName) => boolean;
  readonly head: (name: SheetName) => VNode | null;
}

/** Ladder and tape, and what parts them and the signal panel from their neighbours. */
export function SidePanels({ shows, head }: SidePanelsProps) {
  const { settings } = useTerminal('settings');
  const { panels } = settings.current;
  return (
    <>
      {sides
        .filter(({ name }) => panels[name])
        .map(({ name, size, range, words }) => (
          <Splitter
            key={name}
            label={words}
            place={`of-${name}`}
            orientation="vertical"
            sizePx={settings.current[size]}
            range={range}
            direction={-1}
            onSize={(px) => settings.change({ [size]: px })}
          />
        ))}
      {shows('ladder') && <LadderPanel head={head('ladder')} />}
      {shows('tape') && <TapePanel head={head('tape')} />}
    </>
  );
}
