import { useEffect, useState } from 'preact/hooks';
import { type FileChoice, sortFiles, suggestChoice } from '../local/file_choice.ts';
import { defaultConfig, mismatch, symbolIn } from '../local/file_instrument.ts';
import { type FileFacts, probeFile } from '../local/file_probe.ts';
import type { FileRequest } from '../local/worker_messages.ts';

/** The fields of the sheet for opening a file. */
export interface FileFields extends FileChoice {
  /** One of the file's instruments, where no configuration says which; empty: none chosen. */
  readonly symbol: string;
  /** Its price step, as text. */
  readonly tickSize: string;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
const emptyFields: FileFields = { date: '', startTime: '09:30', endTime: '', symbol: '', tickSize: '' };

/** The files that were chosen, what is known of them, and the fields that they fill. */
export function useFileForm(offered: readonly File[]) {
  const [data, setData] = useState<File | null>(null);
  const [config, setConfig] = useState<File | null>(null);
  const [configText, setConfigText] = useState<string | null>(null);
  const [facts, setFacts] = useState<FileFacts | null>(null);
  const [fields, setFields] = useState(emptyFields);
  const [problem, setProblem] = useState<string | null>(null);
  const take = (files: readonly File[]) => {
    const sorted = sortFiles(files);
    setData((chosen) => sorted.data ?? chosen);
    setConfig((chosen) => sorted.config ?? chosen);
  };
  useEffect(() => take(offered), [offered]);
  useEffect(() => {
    if (data === null) return;
    let isCurrent = true;
    const read = async () => {
      setProblem(null);
      const text = config === null ? null : await config.text();
      const found = await probeFile(data).catch((error: unknown) => {
        if (isCurrent) setProblem(messageOf(error));
        return null;
      });
      if (!isCurrent) return;
      setConfigText(text);
      setFacts(found);
      const own = found?.symbols[0];
      const symbol = text === null && own !== undefined && found?.symbols.length === 1 ? own : null;
      const instrument = { symbol: symbol?.symbol ?? '', tickSize: String(symbol?.tickSize ?? '') };
      setFields({ ...suggestChoice(data.name, text, found), ...instrument });
    };
    void read();
    return () => {
      isCurrent = false;
    };
  }, [data, config]);

  const configSymbol = config === null || configText === null ? null : symbolIn(configText, config.name);
  const foreign = mismatch(facts, configSymbol);
  const asksInstrument = data !== null && facts !== null && (config === null || foreign !== null);
  const change = (changed: Partial<FileFields>) => {
    const tick = facts?.symbols.find(({ symbol }) => symbol === changed.symbol)?.tickSize;
    setFields({ ...fields, ...changed, ...(changed.symbol !== undefined && { tickSize: String(tick ?? '') }) });
  };
  const missing = [
    data === null && 'the market data',
    asksInstrument && fields.symbol === '' && 'the instrument',
    asksInstrument && fields.symbol !== '' && !(Number(fields.tickSize) > 0) && 'its tick size',
    data !== null && facts === null && config === null && 'an instrument file',
  ].filter((words) => words !== false);
  /** What the replay needs; null, with the problem told, where the tick size cannot be. */
  const request = (): FileRequest | null => {
    if (data === null) return null;
    const { date, startTime, endTime, symbol, tickSize } = fields;
    const capture = { date, startTime, endTime: endTime === '' ? null : endTime };
    try {
      if (facts !== null && asksInstrument) {
        return { file: data, ...defaultConfig(facts, symbol, Number(tickSize)), ...capture };
      }
      if (config === null || configText === null) return null;
      return { file: data, configName: config.name, configText, ...capture };
    } catch (error) {
      setProblem(messageOf(error));
      return null;
    }
  };
  return { data, config, facts, fields, problem, foreign, asksInstrument, missing, take, change, request };
}
