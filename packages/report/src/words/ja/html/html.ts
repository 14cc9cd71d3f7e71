import { phrase, text } from '../../../document/phrase.js';
import type { HtmlWords } from '../../html/html-words.js';
import { formatCount } from '../../units.js';

export const html: HtmlWords = {
  language: '日本語',
  switchLanguage: '表示言語',
  title: (disks) => `起動診断レポート（ディスク ${formatCount(disks)} 台）`,
  headline: (disks, atRisk, unsure) => {
    if (disks === 1)
      return atRisk === 1
        ? 'このディスクには対応が必要です。'
        : unsure === 1
          ? 'このディスクは確認が必要です。'
          : 'このディスクに異常は見つかりませんでした。';
    if (atRisk > 0) return `${formatCount(disks)} 台のうち ${formatCount(atRisk)} 台に対応が必要です。`;
    return unsure > 0
      ? `${formatCount(disks)} 台のうち ${formatCount(unsure)} 台は確認が必要です。`
      : `${formatCount(disks)} 台のいずれにも異常は見つかりませんでした。`;
  },
  examined: (time, tool, version) => phrase`${text(time)} に ${tool} ${version} で検査。ディスクは変更していません。`,
  states: {
    no: '起動しません',
    act: '要対応',
    doubtful: '起動は不確実',
    blocked: 'ロック中',
    failed: '開けません',
    'no-windows': 'Windows なし',
    'not-checked': '起動は未確認',
    'nothing-found': '異常なし',
  },
  overview: '状態別の台数',
  first: '最初にすること',
  nothingToDo: phrase`対応が必要なものはありません。`,
  disks: (count) => `${formatCount(count)} 台`,
  more: (count) => `ほか ${formatCount(count)} 台`,
  forExample: (name, sentence) => phrase`${name}：${sentence}`,
  moreGroups: (count) => phrase`ほかに ${text(formatCount(count))} 種類の原因があります。一覧表をご覧ください。`,
  sharedIdentity: (diskId) =>
    phrase`複数のディスクが同じ識別子（${diskId}）を持っています。そのうち 2 台を同じ Windows に接続しないでください。`,
  table: 'すべてのディスク',
  columns: { server: 'サーバー', state: '状態', why: '理由', next: '次の手順' },
  filter: '絞り込み',
  filterHint: '名前、パス、原因など',
  clear: '解除',
  shown: '{total} 台中 {shown} 台を表示',
  noMatch: '条件に合うディスクはありません。',
  back: '一覧に戻る',
  previous: '前へ',
  next: '次へ',
  steps: '次の手順',
  why: '原因',
  whole: 'このディスクの全レポート',
  theme: '配色',
  themes: { auto: '自動', light: 'ライト', dark: 'ダーク' },
  print: '印刷',
  printed: '各ディスクの詳細は、そのページから印刷してください。',
  needsScript: '一覧表と詳細の表示には JavaScript が必要ですが、無効になっています。外部からは何も読み込みません。',
  tooOld: 'このブラウザーは古いため、ディスクの詳細を展開できません。',
  readOnly: 'このファイルだけで完結し、外部からは何も読み込みません。',
};
