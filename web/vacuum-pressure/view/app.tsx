import './app.css';
import { useEffect, useState } from 'preact/hooks';
import type { Terminal } from '../playback/terminal.ts';
import { AlertMenu } from './alert_menu.tsx';
import { ChartArea } from './chart_area.tsx';
import { CommandPalette } from './command_palette.tsx';
import { ExportMenu } from './export_menu.tsx';
import { HelpSheet } from './help_sheet.tsx';
import { listenToKeys } from './keyboard.ts';
import type { Legend } from './legend.tsx';
import { ReplayBar } from './replay_bar.tsx';
import { useSheets } from './sheets.tsx';
import { StatusBar } from './status_bar.tsx';
import { ToolBar } from './tool_bar.tsx';
import { TopBar } from './top_bar.tsx';
import { TerminalContext } from './use_terminal.ts';

/** The page around one terminal. */
export function App({ terminal, onOpenFile }: { terminal: Terminal; onOpenFile: () => void }) {
  const [legend, setLegend] = useState<Legend | null>(null);
  const sheets = useSheets();
  useEffect(() => listenToKeys(terminal), [terminal]);
  return (
    <TerminalContext.Provider value={terminal}>
      <div class="app">
        <TopBar />
        <ToolBar legend={legend} sheets={sheets}>
          <AlertMenu />
          <ExportMenu />
        </ToolBar>
        <ChartArea onLegend={setLegend} sheets={sheets} />
        <ReplayBar />
        <StatusBar onHelp={() => terminal.menus.show('Keys')} />
        <HelpSheet onOpenFile={onOpenFile} />
        <CommandPalette onOpenFile={onOpenFile} />
      </div>
    </TerminalContext.Provider>
  );
}
