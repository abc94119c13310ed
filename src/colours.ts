/** Colours of one theme, by role. A role means one thing on every page, in every report and in no other colour. */
export interface Colours {
  readonly page: string;
  readonly panel: string;
  readonly control: string;
  readonly line: string;
  readonly text: string;
  readonly quiet: string;
  /** Marks without a meaning of their own: mid, spot, hatching, what is mixed. */
  readonly neutral: string;
  readonly shadow: string;
  /** Focus, selection and links, as outline and weight. */
  readonly accent: string;
  readonly onAccent: string;
  /** Sides of the book, and who took: buyers, sellers. */
  readonly bid: string;
  readonly ask: string;
  /** Scores above and below 0. */
  readonly bull: string;
  readonly bear: string;
  readonly pressure: string;
  readonly vacuum: string;
  /** Our firings, thresholds, orders and trades. */
  readonly ours: string;
  /** Tints behind a profit or a loss, whose sign says it. */
  readonly gain: string;
  readonly loss: string;
  /** States, always beside their word. */
  readonly live: string;
  readonly paused: string;
  readonly trouble: string;
}

export type Theme = 'dark' | 'light';

/** Roles that mean something in the data: apart from each other for every colour vision (test/web/colours.test.ts). */
export const dataRoles = ['bid', 'ask', 'bull', 'bear', 'pressure', 'vacuum', 'ours'] as const;

export const colours: Readonly<Record<Theme, Colours>> = {
  dark: {
    page: '#0a0d13',
    panel: '#11161e',
    control: '#1b2330',
    line: '#2c3748',
    text: '#e9edf3',
    quiet: '#a8b3c4',
    neutral: '#c3cad6',
    shadow: 'rgb(0 0 0 / 0.55)',
    accent: '#ffffff',
    onAccent: '#0a0d13',
    bid: '#67a3ea',
    ask: '#ca7f38',
    bull: '#55edf8',
    bear: '#db5f8f',
    pressure: '#a2c889',
    vacuum: '#815db8',
    ours: '#fdf942',
    gain: '#d7f5e3',
    loss: '#f5c9c9',
    live: '#7fdc9a',
    paused: '#f4c95d',
    trouble: '#ffa59c',
  },
  light: {
    page: '#e9edf2',
    panel: '#ffffff',
    control: '#eef2f7',
    line: '#c3ccd8',
    text: '#10161e',
    quiet: '#3c495b',
    neutral: '#465162',
    shadow: 'rgb(20 30 50 / 0.25)',
    accent: '#000000',
    onAccent: '#ffffff',
    bid: '#007afd',
    ask: '#663200',
    bull: '#005353',
    bear: '#e62295',
    pressure: '#4f734e',
    vacuum: '#42008d',
    ours: '#958a00',
    gain: '#2c7a4b',
    loss: '#a83232',
    live: '#0c5228',
    paused: '#5f3e00',
    trouble: '#8f0f18',
  },
};

/** Colours of curves that have no role, such as runs side by side; they stay apart for every colour vision (after Okabe & Ito 2008). */
export const curveColours: Readonly<Record<Theme, readonly string[]>> = {
  dark: ['#56b4e9', '#e69f00', '#2fc89b', '#e48fbd', '#f0e442', '#ff7a45', '#b9a7ff'],
  light: ['#0072b2', '#b25f00', '#00795a', '#a8407f', '#857700', '#c8361a', '#5b4bc4'],
};
