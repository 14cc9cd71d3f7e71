// Links of Markdown files: where they lead, and which lead nowhere. Built-in modules only: the check needs no site.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { posix, relative, sep } from 'node:path';
import { filesBelow } from '../workspace.mjs';

/** GitHub's name for a heading: lower case, no punctuation, a dash for each space. */
export const slugOf = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

const FENCE = /^ {0,3}(`{3,}|~{3,})[\s\S]*?^ {0,3}\1`*\s*$/gm;
/** Text in which only code of one line is left; line numbers stay. */
const withoutBlocks = (text) => text.replace(FENCE, (block) => block.replace(/[^\n]/g, ''));

/** Anchors of a Markdown text, as GitHub makes them. */
export function anchorsOf(text) {
  const seen = new Map();
  return [...withoutBlocks(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)].map((match) => {
    const slug = slugOf(match[1].replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*]/g, ''));
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}

const LINK = /(?<=\])\(<?([^)\s>]+)>?(?: "[^"]*")?\)/g;
const isOutside = (target) => /^[a-z][a-z+.-]*:/i.test(target);

/** The links of a Markdown text that lead to files of the clone: `{ target, line }`. */
function linksOf(text) {
  const plain = withoutBlocks(text).replace(/(?<!`)`[^`\n]+`(?!`)/g, (code) => ' '.repeat(code.length));
  return [...plain.matchAll(LINK)]
    .map((match) => ({ target: match[1], line: plain.slice(0, match.index).split('\n').length }))
    .filter(({ target }) => !isOutside(target));
}

/** Every link's target goes through `turn`, code is left alone. */
export const turnLinks = (text, turn) => {
  const lines = withoutBlocks(text).split('\n');
  return text
    .split('\n')
    .map((line, at) =>
      lines[at] === ''
        ? line
        : line.replace(LINK, (whole, target) => (isOutside(target) ? whole : `(${turn(target)})`)),
    )
    .join('\n');
};

/** The path in the clone that a link of the file at `from` leads to, without its anchor. */
export const pathOf = (from, target) => posix.normalize(posix.join(posix.dirname(from), target.replace(/#.*$/, '')));

/** Every Markdown file of the clone, by path from `root` with slashes. */
export const documents = (root) =>
  filesBelow(root, (path) => path.endsWith('.md'))
    .map((path) => relative(root, path).split(sep).join('/'))
    .filter((path) => !path.startsWith('tests/'));

/** Links in the clone at `root` that lead to no file, or to no heading in it. */
export function linkProblems(root, files = documents(root)) {
  const read = (path) => readFileSync(`${root}/${path}`, 'utf8');
  return files.flatMap((file) =>
    linksOf(read(file)).flatMap(({ target, line }) => {
      const [, , anchor] = /^([^#]*)(?:#(.*))?$/.exec(target);
      const path = target.startsWith('#') ? file : pathOf(file, target);
      const place = `${file}:${line}: ${target}`;
      if (path.startsWith('../') || !existsSync(`${root}/${path}`)) return [`${place} leads to no file`];
      if (anchor === undefined || !statSync(`${root}/${path}`).isFile()) return [];
      return anchorsOf(read(path)).includes(decodeURIComponent(anchor)) ? [] : [`${place} leads to no heading`];
    }),
  );
}
