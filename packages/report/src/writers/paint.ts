/** Puts colour on text, or leaves it. */
export interface Paint {
  /** Bold. */
  bold(text: string): string;
  /** Faint. */
  dim(text: string): string;
  /** For what must be acted on. */
  red(text: string): string;
  /** For what is fine. */
  green(text: string): string;
  /** For what a person must look at. */
  yellow(text: string): string;
}

const plain = (text: string): string => text;

/** Text without colour. */
export const noPaint: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };

const sgr =
  (on: number, off: number) =>
  (text: string): string =>
    `\u001b[${on}m${text}\u001b[${off}m`;

/** ANSI colours (ECMA-48 SGR). */
export const ansiPaint: Paint = {
  bold: sgr(1, 22),
  dim: sgr(2, 22),
  red: sgr(31, 39),
  green: sgr(32, 39),
  yellow: sgr(33, 39),
};
