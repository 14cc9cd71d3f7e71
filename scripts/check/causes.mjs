// docs/causes.md and docs/causes.ja.md say what the kinds of causes and their words say: they are written from them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../workspace.mjs';

const module = (path) => import(pathToFileURL(join(root, 'packages', path)).href);

const FRAMES = {
  en: {
    file: 'docs/causes.md',
    title: 'Why a Windows VM does not start',
    notice:
      'Written by `npm run check -- --only causes --update-causes` from the kinds of causes and their words. Do not edit.',
    intro: [
      'Every cause that `deadbox scan` finds has its id here. `starts` is `no` where a cause is proven, `doubtful` where something speaks against a start or could not be examined, `nothing-found` otherwise. What is only worth knowing has the severity `none` and stands last.',
      'A cause that another one brings about is left out: a loader that the boot store calls by a wrong name is not also reported as missing.',
    ],
    phases: {
      image: 'The image',
      disk: 'The partition table',
      firmware: 'Firmware',
      'boot-manager': 'Boot manager and boot store',
      loader: 'Loader',
      kernel: 'Kernel and drivers',
      session: 'Session manager',
      logon: 'Logon',
      data: 'File system',
    },
    labels: {
      screen: 'What you see',
      codes: 'Codes',
      proof: 'How it is proven',
      remedy: 'What to do',
      repair: 'Smallest repair',
      sources: 'Source',
      explains: 'Left out where this is found',
    },
    classes: {
      'in-place': 'bytes of equal length',
      resize: 'a value or file that changes its size',
      'needs-file': 'a file from elsewhere',
      'needs-windows': 'a Windows tool',
      none: 'nothing on this disk',
    },
    undecided: 'What the disk does not decide',
    undecidedIntro: 'These have been looked at and left out, with the reason.',
    rules:
      'Incidents that a rule file describes are causes too, as `rule:<name>`; [rules.md](rules.md) says how they are written, `deadbox rules list` which there are.',
  },
  ja: {
    file: 'docs/causes.ja.md',
    title: 'Windows VM が起動しない原因',
    notice:
      '`npm run check -- --only causes --update-causes` が原因の定義と文言から生成します。直接編集しないでください。',
    intro: [
      '`deadbox scan` が報告する原因を ID ごとに説明します。原因が確定していれば `starts` は `no`、起動を妨げる兆候がある、または確認できないものがあれば `doubtful`、それ以外は `nothing-found` です。知っておくとよいだけの事柄は重大度が `none` で、最後に並びます。',
      '別の原因の結果にすぎないものは報告しません。たとえば、ブートストアが誤った名前でローダーを指定している場合、ローダーがないとは別に報告しません。',
    ],
    phases: {
      image: 'イメージ',
      disk: 'パーティションテーブル',
      firmware: 'ファームウェア',
      'boot-manager': 'ブートマネージャーとブートストア',
      loader: 'ローダー',
      kernel: 'カーネルとドライバー',
      session: 'セッションマネージャー',
      logon: 'サインイン',
      data: 'ファイルシステム',
    },
    labels: {
      screen: '画面の表示',
      codes: 'コード',
      proof: '根拠',
      remedy: '対処',
      repair: '最小の修復',
      sources: '出典',
      explains: 'これがあるときに報告しないもの',
    },
    classes: {
      'in-place': '同じ長さのバイトの書き換え',
      resize: '長さの変わる値またはファイル',
      'needs-file': 'ほかから用意するファイル',
      'needs-windows': 'Windows のツール',
      none: 'このディスク上では不要',
    },
    undecided: 'ディスクからは判断できないもの',
    undecidedIntro: '検討したうえで対象外としたものと、その理由です。',
    rules:
      'ルールファイルで記述された障害も `rule:<名前>` という原因になります。書き方は [rules.ja.md](rules.ja.md)、一覧は `deadbox rules list` を参照してください。',
  },
};

/** A phrase as Markdown text; what a disk would fill in is an ellipsis. */
const plain = (phrase) => phrase.map(({ kind, text }) => (kind === 'code' ? `\`${text}\`` : text)).join('');
/** Names and paths keep their backslashes, angle brackets and asterisks. */
const escaped = (text) => text.replaceAll(/[\\<>*_|]/g, (sign) => `\\${sign}`);

function section(id, kind, words, frame, Facts) {
  const { labels, classes } = frame;
  const line = (label, text) => (text === '' ? [] : [`- **${label}**: ${text}`]);
  const repair = `${classes[kind.repair.class]}${kind.repair.operation === null ? '' : ` (\`${kind.repair.operation}\`)`}`;
  return [
    `### ${id}`,
    '',
    escaped(plain(words.title(new Facts({}, '…')))),
    '',
    ...line(labels.screen, escaped(words.screen)),
    ...line(labels.codes, kind.codes.map((code) => `\`${code}\``).join(', ')),
    ...line(labels.proof, escaped(words.proof)),
    ...line(labels.remedy, escaped(words.remedy)),
    ...line(labels.repair, repair),
    ...line(labels.explains, (kind.explains ?? []).map((other) => `\`${other}\``).join(', ')),
    ...line(labels.sources, escaped(kind.sources.join('; '))),
    '',
  ];
}

async function page(language) {
  const frame = FRAMES[language];
  const { CAUSE_KINDS } = await module('triage/dist/cause-kinds/cause-kinds.js');
  const { causes, undecided } = await module(`report/dist/words/${language}/causes/causes.js`);
  const { Facts } = await module('report/dist/words/facts.js');
  const lines = [
    `# ${frame.title}`,
    '',
    `<!-- ${frame.notice} -->`,
    '',
    ...frame.intro.flatMap((text) => [text, '']),
    frame.rules,
    '',
  ];
  for (const [phase, title] of Object.entries(frame.phases)) {
    const ids = Object.keys(CAUSE_KINDS).filter((id) => CAUSE_KINDS[id].phase === phase);
    if (ids.length > 0) lines.push(`## ${title}`, '');
    for (const id of ids) lines.push(...section(id, CAUSE_KINDS[id], causes[id], frame, Facts));
  }
  lines.push(`## ${frame.undecided}`, '', frame.undecidedIntro, '');
  for (const [id, reason] of Object.entries(undecided)) lines.push(`- \`${id}\`: ${escaped(reason)}`);
  return { file: join(root, frame.file), text: `${lines.join('\n').trimEnd()}\n` };
}

/** Problems with the pages; `update` writes them instead. */
export async function checkCauses({ update }) {
  const stale = [];
  for (const language of Object.keys(FRAMES)) {
    const { file, text } = await page(language);
    let shown = '';
    try {
      shown = readFileSync(file, 'utf8');
    } catch (error) {
      if (error.code !== 'ENOENT') throw error;
    }
    if (shown === text) continue;
    if (update) writeFileSync(file, text);
    else
      stale.push(
        `${FRAMES[language].file} is not what the causes say (npm run check -- --only causes --update-causes writes it)`,
      );
  }
  return stale;
}
