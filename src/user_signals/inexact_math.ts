/** Functions of Math whose last bits differ between engines. */
export const inexactMath = [
  ...['acos', 'acosh', 'asin', 'asinh', 'atan', 'atan2', 'atanh', 'cbrt', 'cos', 'cosh', 'exp', 'expm1', 'hypot'],
  ...['log', 'log10', 'log1p', 'log2', 'pow', 'sin', 'sinh', 'tan', 'tanh'],
] as const;

const mathUse = new RegExp(`\\bMath\\s*\\.\\s*(?:${inexactMath.join('|')})\\b|\\*\\*`);

/** Whether a file's text, comments aside, names one of them, or the operator `**`. */
export function usesInexactMath(text: string): boolean {
  return mathUse.test(text.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, ''));
}
