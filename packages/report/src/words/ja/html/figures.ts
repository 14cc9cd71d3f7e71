import { concat, phrase, text } from '../../../document/phrase.js';
import type { FigureWords } from '../../html/figure-words.js';
import { formatCount } from '../../units.js';

export const figures: FigureWords = {
  map: {
    title: 'ディスクの構成',
    description: (volumes, size) => `容量 ${size}、ボリューム ${volumes} 個のディスク。幅は容量に比例します。`,
    roles: {
      'efi-system': 'EFI システム',
      'microsoft-reserved': 'Microsoft 予約',
      'system-reserved': 'システムで予約済み',
      recovery: '回復',
      windows: 'Windows',
      data: 'データ',
      unknown: '不明',
    },
    unallocated: '未割り当て',
    notToScale: '小さなパーティションは実際より広く描いています。',
    columns: {
      number: '番号',
      role: '役割',
      content: '内容',
      size: 'サイズ',
      offset: '先頭バイト',
      state: '状態',
    },
    locked: 'ロック中',
    unlocked: '暗号化（解除済み）',
    unreadable: '読み取り不可',
    healthy: '異常なし',
    noVolumes: 'このディスクにボリュームは見つかりませんでした。',
    findings: (count) => `検出 ${count} 件`,
  },
  chain: {
    title: '起動の流れ',
    links: {
      disk: 'ディスク',
      firmware: 'ファームウェア',
      'boot-manager': 'ブートマネージャー',
      store: 'ブートストア',
      loader: 'ローダー',
      kernel: 'カーネルとドライバー',
      session: 'セッションマネージャー',
      logon: 'サインイン',
    },
    states: {
      sound: '異常なし',
      broken: 'ここで停止',
      doubtful: '疑いあり',
      beyond: '到達せず',
      'not-checked': '未確認',
    },
    partition: (number) => `パーティション ${number}`,
  },
  incident: {
    title: '障害の経過',
    arrived: (name) => phrase`${name} が配置された`,
    removed: (name) => phrase`${name} が削除された`,
    lastShutdown: phrase`最後の正常なシャットダウン`,
    crashed: (code, module) => {
      const facts = [code, module].filter((fact) => fact !== undefined);
      const inner = facts.flatMap((fact, index) => (index === 0 ? [fact] : [text('、'), fact]));
      return concat(text('クラッシュ'), facts.length === 0 ? undefined : concat(text('（'), ...inner, text('）')));
    },
    later: (span) => `${span}後`,
    more: (count) => phrase`ほか ${text(formatCount(count))} 件`,
  },
  evidence: {
    title: '証拠',
    columns: {
      what: '内容',
      onDisk: 'ディスク上のバイト位置',
      inFile: 'ファイル内のバイト位置',
      bytes: 'バイト列',
    },
    none: '証拠となるバイト列は記録されていません。',
  },
};
