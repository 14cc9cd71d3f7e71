import { concat, data, phrase, text } from '../../document/phrase.js';
import type { EncryptionWords } from '../encryption-words.js';

export const encryption: EncryptionWords = {
  protectors: {
    'clear-key': 'クリアキー',
    tpm: 'TPM',
    'tpm-pin': 'TPM と PIN',
    'tpm-startup-key': 'TPM とスタートアップキー',
    'startup-key': 'スタートアップキー',
    'recovery-password': '回復パスワード',
    password: 'パスワード',
    'smart-card': 'スマートカード',
    network: 'ネットワークロック解除',
    unknown: '不明な保護機能',
  },
  verdicts: {
    none: '暗号化なし',
    'encrypted-unlockable': 'ロック解除可能',
    unlocked: 'ロック解除済み',
    'encrypted-locked': 'ロック中',
    'encrypted-unknown-product': '不明な製品による暗号化',
    'random-data': 'ランダムデータと区別できません',
    'not-enough-data': 'データが少なすぎて判定できません',
  },
  states: {
    decrypted: '復号済み（ヘッダーのみ残存）',
    'waiting-for-activation': '有効化待ち（鍵は平文）',
    suspended: '保護の中断中（鍵は平文）',
    encrypting: '暗号化の途中',
    decrypting: '復号の途中',
    locked: '鍵による保護',
    'locked-tpm-only': 'このマシンの保護機能だけでロック中',
  },
  converted: (state, percent) => `${state}（${percent} % 暗号化済み）`,
  unknownProduct: '不明な製品',
  protector: (word, id) => phrase`${text(word)} {${id}}`,
  randomData: (volume) =>
    phrase`ボリューム ${volume} は統計上ランダムデータと区別できません。暗号化されているか、上書きされています。製品は特定できません。`,
  notEnoughData: (volume) =>
    phrase`ボリューム ${volume} はデータが少なすぎて、暗号化の有無を判定できません。製品は特定できません。`,
  otherProduct: (volume, product) =>
    phrase`ボリューム ${volume} は ${product} で暗号化されています。鍵がなければ内容を調べられません。`,
  container: (product) =>
    phrase`ボリュームではなく、イメージ自体が暗号化されています（${product}）。deadbox では開けません。ハイパーバイザーで開くか、暗号化なしのコピーを作成してください。`,
  wholeDisk: (product) => phrase`ディスク全体が ${product} で暗号化されています。鍵がなければ内容を調べられません。`,
  clearKey: (volume) =>
    phrase`ボリューム ${volume} は BitLocker で暗号化されていますが、鍵がディスク上に平文で置かれています（保護の中断中、または有効化待ち）。Windows では何も聞かれずに開けますが、Linux では開けません。`,
  locked: (volume, protectors) =>
    phrase`ボリューム ${volume} は BitLocker でロックされています。保護機能: ${protectors ?? text('読み取れたものはありません')}。`,
  lookUpKey: 'この ID に対応する 48 桁の回復キーを、AD、Entra ID、またはクラウドのキー保管先で探してください。',
  tpmOnly: '保護機能は TPM だけなので、ほかのコンピューターでは開けません。',
  decrypted: (volume) =>
    phrase`BitLocker は原因ではありません。ボリューム ${volume} は復号済みで、ヘッダーだけが残っています。`,
  notEncrypted: (volume) =>
    phrase`BitLocker は原因ではありません。ボリューム ${volume} は暗号化されておらず、ファイルを読み取れます。`,
  made: (description, created) =>
    concat(
      description === undefined ? undefined : phrase`「${data(description)}」`,
      description !== undefined && created !== undefined ? text('、') : undefined,
      created === undefined ? undefined : phrase`作成日時 ${created}`,
    ),
};
