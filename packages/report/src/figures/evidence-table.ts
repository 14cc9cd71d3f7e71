import type { Evidence } from '@deadbox/core';
import type { ImageReport } from '@deadbox/triage';
import { escapeHtml } from '../document/escape.js';
import type { Phrase } from '../document/phrase.js';
import { code, concat, data, text } from '../document/phrase.js';
import type { Reader } from '../pages/page.js';
import { htmlTable } from '../writers/html-writer.js';

/** Places shown of one disk; --json has all. */
const MAX_PLACES = 40;
/** Hexadecimal digits shown of a place. */
const MAX_DIGITS = 96;

/** Where the bytes lie that prove what was found: on the virtual disk and in the image's file, with the bytes. */
export function evidenceTable(image: ImageReport, { language }: Reader): string {
  const { columns, none } = language.figures.evidence;
  const places = placesOf(image);
  if (places.length === 0) return `<p class="hint">${escapeHtml(none)}</p>`;
  const rows = places
    .slice(0, MAX_PLACES)
    .map(({ what, offset, bytes, file }): Phrase[] => [
      language.common.structure(what),
      [code(String(offset))],
      file === undefined
        ? [text('–', 'faint')]
        : concat(code(String(file.offset)), text(' '), data(file.path, 'faint')),
      [code(spaced(bytes.slice(0, MAX_DIGITS)) + (bytes.length > MAX_DIGITS ? ' …' : ''))],
    ]);
  return htmlTable([columns.what, columns.onDisk, columns.inFile, columns.bytes], rows);
}

function placesOf({ causes, obstacles, volumes, installations }: ImageReport): Evidence[] {
  const all = [
    ...causes.flatMap(({ evidence }) => evidence),
    ...obstacles.flatMap(({ evidence }) => evidence),
    ...installations.flatMap(({ files }) => files.flatMap(({ evidence }) => evidence)),
    ...volumes.flatMap(({ encryption }) => encryption.evidence),
  ];
  const seen = new Set<string>();
  return all.filter(({ what, offset }) => !seen.has(`${offset} ${what}`) && seen.add(`${offset} ${what}`));
}

/** Two digits and a space, so that a line can break. */
function spaced(digits: string): string {
  return digits.replace(/(..)(?=.)/g, '$1 ');
}
