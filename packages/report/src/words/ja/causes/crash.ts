import type { CrashCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const crash: CauseTexts<CrashCauseId> = {
  'third-party-crash': {
    title: (facts) =>
      phrase`最新のクラッシュに、Microsoft 製でないドライバー ${facts.show('module')}（サービス ${facts.show('driver')}）が記録されています。`,
    screen: 'ドライバー名の付いた停止コード、または起動のたびの停止コード。',
    proof:
      '最新のダンプ、エラー報告、スタートアップ修復のログのいずれかに、起動のたびに読み込まれる（Start が 0 か 1）ドライバーの名前があり、そのドライバーはディスクやネットワークへの経路にもフィルターの一覧にもありません。その後クラッシュがなければ、解決済みです。',
    remedy: 'ドライバーを無効にし（Start を 4 にする、4 バイト）、更新版を探してください。',
  },
  'driver-verifier': {
    title: () => phrase`ドライバーの検証ツールが有効で、ドライバーの最初の誤りで Windows が停止します。`,
    screen: '停止コード 0xC4、0xC9、0xE6、または極端に遅い動作。',
    proof:
      'Memory Management の VerifyDrivers または VerifyDriverLevel が設定されています（通常のマシンにはありません）。該当する停止コードのダンプがあれば、より確実です。',
    remedy: 'VerifyDriverLevel を 0 にするか、回復環境から verifier /reset を実行してください。',
  },
  'ci-blocked-driver': {
    title: (facts) =>
      phrase`起動のたびに読み込むはずのドライバー ${facts.show('driver')} の読み込みを、Windows が拒否しました。`,
    screen: '停止コード 0x5A または 0x7B、あるいはそのドライバーなしでの起動。',
    proof:
      'コードの整合性のログに、最後の起動の前 30 日以内に、そのファイルのイベント 3004、3023、3033、3077 のいずれかがあり、ドライバーの Start が 0 か 1 です。プログラムの拒否だけなら正常です。',
    remedy: '求められる署名のある版を入れるか、ドライバーを無効にしてください（Start を 4 にする、4 バイト）。',
  },
};
