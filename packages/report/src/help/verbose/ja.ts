import { phrase, text } from '../../document/phrase.js';
import { formatCount } from '../../words/units.js';
import type { VerboseWords } from './verbose-words.js';

const SOURCE_STATE = {
  whole: '正常です',
  damaged: '破損しています',
  stale: '正しく閉じられていません',
  absent: 'ありません',
} as const;

export const verbose: VerboseWords = {
  image: ({ name, format, size, table, parents }) =>
    phrase`${name} を開きました: 形式 ${format}、${text(size)}、パーティションテーブル ${table}${
      parents.length === 0 ? '' : phrase`、親 ${parents.join('、')}`
    }`,
  volume: ({ number, role, fileSystem, offset, encryption }) =>
    phrase`ボリューム ${number}（${offset} バイト目から）: ${role}、${fileSystem}、暗号化 ${encryption}`,
  survived: (layer, id, count) => phrase`${layer}: ${id} が ${text(formatCount(count))} 件。読み取りは続行しました`,
  source: ({ root, path, state }) => phrase`${root}: ${path} は${text(SOURCE_STATE[state])}`,
  read: ({ name, size, reads, bytes }) =>
    phrase`${name} を ${text(formatCount(reads))} 回、計 ${text(bytes)}（全体 ${text(size)}）読み取りました`,
  recorded: ({ path, recorded, leftOut, contents }) =>
    phrase`${path} に、読み取った内容のうち ${text(recorded)} を記録しました。${
      contents
        ? phrase`ファイルの内容も含まれるため、秘密情報が含まれていることがあります`
        : phrase`ファイルの内容など ${text(leftOut)} は含めていません。ファイルとフォルダーの名前は含まれています`
    }`,
  replayed: ({ path, image, version, made, contents }) =>
    phrase`${path} は、deadbox ${version} が ${made} に ${image} を読み取った記録です${
      contents ? '' : phrase`。ファイルの内容は含まれていないため、それに基づく判定はできません`
    }`,
  setting: (key, value, place) => phrase`--${key} ${value}（${place} による）`,
};
