// The pages of the site, from the Markdown of the clone: which there are, in which language, and in what order.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { publishedPackages, root } from '../workspace.mjs';
import { documents, pathOf, turnLinks } from './links.mjs';

const REPOSITORY = 'https://github.com/deadbox/deadbox';
export const LANGUAGES = ['en', 'ja'];

/**
 * Groups of the menu, in their order, with their words and their pages; a page that no group names goes to the last one
 * whose folder it is in.
 */
export const GROUPS = [
  {
    title: { en: 'Start', ja: 'はじめに' },
    pages: ['guides/start', 'install', 'windows'],
  },
  {
    title: { en: 'It does not boot', ja: '起動しないとき' },
    pages: [
      'guides/linux-shows-no-windows',
      'guides/attached-to-another-windows',
      'guides/ten-servers-at-once',
      'guides/after-a-migration',
    ],
    folder: 'guides/',
  },
  {
    title: { en: 'What it says and does', ja: '判定と修復' },
    pages: ['causes', 'verdicts', 'obstacles', 'repair', 'which-backup', 'reports', 'fleets', 'rules'],
    folder: '',
  },
  { title: { en: 'Learn', ja: '学ぶ' }, pages: [], folder: 'learn/' },
  {
    title: { en: 'Library', ja: 'ライブラリ' },
    pages: ['guides/library', 'guides/browser', 'packages/deadbox'],
    folder: 'packages/',
  },
  {
    title: { en: 'The project', ja: 'プロジェクト' },
    pages: ['architecture', 'security', 'performance', 'changelog', 'contributing', 'reporting-vulnerabilities'],
  },
  { title: { en: 'Decisions', ja: '設計上の決定' }, pages: [], folder: 'decisions/' },
];

/** Where a document of the clone stands on the site; undefined for what is not on it. */
export function routeOf(path) {
  const [, base] = /^(.*?)(?:\.ja)?\.md$/.exec(path) ?? [];
  if (base === undefined) return undefined;
  if (base === 'README') return 'index';
  if (base.startsWith('docs/')) return base.slice('docs/'.length);
  const top = { CHANGELOG: 'changelog', CONTRIBUTING: 'contributing', SECURITY: 'reporting-vulnerabilities' };
  if (top[base] !== undefined) return top[base];
  const found = publishedPackages().find(({ name }) => base === `packages/${name}/README`);
  return found === undefined ? undefined : `packages/${found.manifest.name.replace('@deadbox/', '')}`;
}

/** `{ route: { en: path, ja: path } }`: the documents by the place of their page. */
export function readPages() {
  const pages = new Map();
  for (const path of documents(root)) {
    const route = routeOf(path);
    if (route === undefined) continue;
    const language = path.endsWith('.ja.md') ? 'ja' : 'en';
    pages.set(route, { ...pages.get(route), [language]: path });
  }
  return pages;
}

const ONLY_ENGLISH = ':::info\nこのページは英語版のみです。\n:::\n\n';
const prefixOf = (language) => (language === 'en' ? '' : 'ja/');

/** The address of a page as a link of another page has it. */
const address = (route, language) => `/${prefixOf(language)}${route === 'index' ? '' : route}`;

const FIGURES = 'docs/figures/';

/** A link of the document at `from`, as the site's page has it. */
function turned(from, target, language, pages) {
  if (target.startsWith('#')) return target;
  const path = pathOf(from, target);
  if (path.startsWith(FIGURES)) return `/figures/${path.slice(FIGURES.length)}`;
  const anchor = target.replace(/^[^#]*/, '');
  const route = routeOf(path);
  if (route === undefined || !pages.has(route)) return `${REPOSITORY}/blob/main/${path}${anchor}`;
  return address(route, path.endsWith('.ja.md') ? 'ja' : language) + anchor;
}

/** A document that the text only names becomes a link to its page. */
const linkNames = (text, from, language, pages) =>
  text.replace(/(?<![[\w/`])`((?:docs\/)?[\w./-]+\.md)`(?!`|\])/g, (whole, name) => {
    const candidates = [name, pathOf(from, name)];
    const path = candidates.find((one) => pages.has(routeOf(one) ?? ''));
    return path === undefined ? whole : `[${whole}](${address(routeOf(path), language)})`;
  });

/** The line that leads to the other language: the site has a switch for that. */
const OTHER_LANGUAGE = /^(?:Japanese|English|日本語|英語)(?:版)?[:：] *\[[^\]]*\]\([^)]*\)\n+/m;
/** What GitHub folds by HTML, the site folds by a block of its own. */
const folded = (text) =>
  text.replaceAll(/^<details>\n<summary>(.*)<\/summary>\n/gm, '::: details $1\n').replaceAll(/^<\/details>$/gm, ':::');
const withoutComments = (text) => text.replace(/^<!--[\s\S]*?-->\n/gm, '');

/** The text of a page. */
export function pageOf(path, language, pages) {
  const text = folded(withoutComments(readFileSync(join(root, path), 'utf8'))).replace(OTHER_LANGUAGE, '');
  const linked = turnLinks(text, (target) => turned(path, target, language, pages));
  const note = language === 'ja' && !path.endsWith('.ja.md') ? ONLY_ENGLISH : '';
  return linkNames(linked, path, language, pages).replace(/^(# .*\n+)/, `$1${note}`);
}

const titleOf = (path) => /^# +(.+)$/m.exec(readFileSync(join(root, path), 'utf8'))[1].replace(/[`*]/g, '');

/** The front page begins with what the tool is for, and goes on with the README. */
const FRONT = {
  en: {
    text: 'Why does this Windows VM not boot?',
    tagline: 'Reads the disk image, from any system, without mounting it. Says why, and repairs it reversibly.',
    actions: ['Start in two minutes', 'It does not boot', 'API'],
  },
  ja: {
    text: 'この Windows VM はなぜ起動しないのか',
    tagline: 'ディスクイメージをマウントせずに読み、どの OS からでも原因を示し、元に戻せる形で修復します。',
    actions: ['2 分で始める', '起動しないとき', 'API'],
  },
};

function frontMatter(language) {
  const { text, tagline, actions } = FRONT[language];
  const links = [
    address('guides/start', language),
    address('guides/linux-shows-no-windows', language),
    '/api/index.html',
  ];
  const hero = {
    name: 'deadbox',
    text,
    tagline,
    actions: actions.map((label, at) => ({ theme: at === 0 ? 'brand' : 'alt', text: label, link: links[at] })),
  };
  // JSON is YAML.
  return `---\nlayout: home\nhero: ${JSON.stringify(hero)}\n---\n\n`;
}

/** Writes every page in every language to `folder`, with the pictures that they show. */
export function writePages(folder) {
  rmSync(folder, { recursive: true, force: true });
  cpSync(join(root, FIGURES), join(folder, 'public/figures'), { recursive: true });
  const pages = readPages();
  for (const [route, paths] of pages)
    for (const language of LANGUAGES) {
      const file = join(folder, `${prefixOf(language)}${route}.md`);
      mkdirSync(dirname(file), { recursive: true });
      const front = route === 'index' ? frontMatter(language) : '';
      const text = pageOf(paths[language] ?? paths.en, language, pages);
      writeFileSync(file, front + (route === 'index' ? text.replace(/^# .*\n+/, '') : text));
    }
  if (!existsSync(join(folder, 'index.md'))) throw new Error('the site has no front page');
  return pages;
}

/** The menu in one language, for VitePress. */
export function menuOf(language, pages = readPages()) {
  const named = new Set(GROUPS.flatMap((group) => group.pages));
  const rest = [...pages.keys()].filter((route) => route !== 'index' && !named.has(route)).sort();
  const groupOf = (route) =>
    GROUPS.filter(({ folder }) => folder !== undefined && route.startsWith(folder)).sort(
      (left, right) => right.folder.length - left.folder.length,
    )[0];
  return GROUPS.map((group) => ({
    text: group.title[language],
    collapsed: group.pages.length === 0,
    items: [
      ...group.pages.filter((route) => pages.has(route)),
      ...rest.filter((route) => groupOf(route) === group),
    ].map((route) => {
      const paths = pages.get(route);
      return { text: titleOf(paths[language] ?? paths.en), link: address(route, language) };
    }),
  }));
}
