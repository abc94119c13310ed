import './app.css';
import { useEffect, useState } from 'preact/hooks';
import type { Terminal } from '../playback/terminal.ts';
import { ChartArea } from './chart_area.tsx';
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
  const [help, setHelp] = useState(false);
  useEffect(() => listenToKeys(terminal, () => setHelp(true)), [terminal]);
  return (
    <TerminalContext.Provider value={terminal}>
      <div class="app">
        <TopBar />
        <ToolBar legend={legend} sheets={sheets}>
          <ExportMenu />
        </ToolBar>
        <ChartArea onLegend={setLegend} sheets={sheets} />
        <ReplayBar />
        <StatusBar onHelp={() => setHelp(true)} />
        <HelpSheet
          open={help}
          onClose={() => setHelp(false)}
          onOpenFile={() => {
            setHelp(false);
            onOpenFile();
          }}
        />
      </div>
    </TerminalContext.Provider>
  );
}
