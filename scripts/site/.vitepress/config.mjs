// The site: English at its root, Japanese below /ja/, a search that asks no server.
import { join } from 'node:path';
import { cache, root } from '../../workspace.mjs';
import { slugOf } from '../links.mjs';
import { menuOf } from '../pages.mjs';

const JAPANESE_SEARCH = {
  button: { buttonText: '検索', buttonAriaLabel: '検索' },
  modal: {
    displayDetails: '詳しく表示する',
    resetButtonTitle: '消去する',
    backButtonTitle: '検索を閉じる',
    noResultsText: '見つかりません:',
    footer: {
      selectText: '開く',
      selectKeyAriaLabel: 'Enter キー',
      navigateText: '移動',
      navigateUpKeyAriaLabel: '上矢印キー',
      navigateDownKeyAriaLabel: '下矢印キー',
      closeText: '閉じる',
      closeKeyAriaLabel: 'Esc キー',
    },
  },
};

const navigation = (language, words) => [
  { text: words[0], link: `${language === 'en' ? '/' : '/ja/'}guides/start` },
  { text: words[1], link: `${language === 'en' ? '/' : '/ja/'}causes` },
  // A page that VitePress did not make.
  { text: 'API', link: '/api/index.html', target: '_self' },
];

/** Words of a text for the search: Japanese has no spaces between them. Runs in the browser too, so it stands alone. */
function tokenize(text) {
  const words = text.toLowerCase().split(/[\s\p{P}\p{S}]+/u);
  if (!/[\u3040-\u30ff\u4e00-\u9fff]/.test(text)) return words;
  const segmenter = new Intl.Segmenter('ja', { granularity: 'word' });
  return words.flatMap((word) =>
    /[\u3040-\u30ff\u4e00-\u9fff]/.test(word) ? [...segmenter.segment(word)].map(({ segment }) => segment) : [word],
  );
}

const CJK = /[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]/;

/** Coloured code by its text: the dearest part of a page, and each stands in both languages and in the search. */
const coloured = new Map();

/** What Markdown leaves to whoever renders it. */
function adapt(md) {
  const { highlight } = md.options;
  md.options.highlight = (code, ...rest) => {
    const key = JSON.stringify([code, ...rest]);
    if (!coloured.has(key)) coloured.set(key, highlight(code, ...rest));
    return coloured.get(key);
  };
  // Indented code looks like any other: in these pages it is what one types.
  md.renderer.rules.code_block = (tokens, at, ...rest) => {
    tokens[at].info = 'sh';
    return md.renderer.rules.fence(tokens, at, ...rest);
  };
  // A line's end is a space between words, but Japanese has none.
  md.renderer.rules.softbreak = (tokens, at) => {
    const before = tokens[at - 1]?.content.at(-1) ?? '';
    const after = tokens[at + 1]?.content.at(0) ?? '';
    return CJK.test(before) && CJK.test(after) ? '' : '\n';
  };
}

export default {
  title: 'deadbox',
  description:
    'Why does this Windows VM not boot? Reads its disk image without mounting it, and repairs it reversibly.',
  base: process.env.DEADBOX_SITE_BASE ?? '/',
  srcDir: join(cache, 'site/pages'),
  outDir: process.env.DEADBOX_SITE_OUT ?? join(root, 'dist/site'),
  cacheDir: join(cache, 'site/vitepress'),
  cleanUrls: false,
  metaChunk: true,
  ignoreDeadLinks: [/^\/api\//],
  markdown: { html: false, anchor: { slugify: slugOf }, config: adapt },
  locales: {
    root: {
      label: 'English',
      lang: 'en',
      themeConfig: { nav: navigation('en', ['Start', 'Causes']), sidebar: menuOf('en') },
    },
    ja: {
      label: '日本語',
      lang: 'ja',
      description:
        'この Windows VM はなぜ起動しないのか。ディスクイメージをマウントせずに読み、元に戻せる形で修復します。',
      themeConfig: {
        nav: navigation('ja', ['はじめに', '原因の一覧']),
        sidebar: menuOf('ja'),
        outline: { level: [2, 3], label: 'このページの内容' },
        docFooter: { prev: '前のページ', next: '次のページ' },
        darkModeSwitchLabel: '表示の明るさ',
        lightModeSwitchTitle: '明るい表示にする',
        darkModeSwitchTitle: '暗い表示にする',
        sidebarMenuLabel: 'メニュー',
        returnToTopLabel: '先頭へ戻る',
        langMenuLabel: '言語を変える',
        skipToContentLabel: '本文へ移る',
        notFound: {
          title: 'ページが見つかりません',
          quote: 'アドレスが間違っているか、ページが移動しました。',
          linkLabel: '最初のページへ',
          linkText: '最初のページへ戻る',
        },
      },
    },
  },
  themeConfig: {
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: { miniSearch: { options: { tokenize } }, locales: { ja: { translations: JAPANESE_SEARCH } } },
    },
    socialLinks: [{ icon: 'github', link: 'https://github.com/deadbox/deadbox' }],
  },
  vite: { logLevel: 'warn', build: { chunkSizeWarningLimit: 5000 } },
};
