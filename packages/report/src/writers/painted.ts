import type { Tone } from '../document/phrase.js';
import type { Paint } from './paint.js';

/** `text` as its tone looks on a terminal. */
export function painted(text: string, tone: Tone, paint: Paint): string {
  switch (tone) {
    case 'strong':
      return paint.bold(text);
    case 'faint':
      return paint.dim(text);
    case 'bad':
      return paint.red(paint.bold(text));
    case 'doubt':
      return paint.yellow(text);
    case 'good':
      return paint.green(text);
  }
}
