import type { LogonCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const logon: CauseTexts<LogonCauseId> = {
  'winlogon-values': {
    title: (facts) => phrase`Winlogon が起動する ${facts.show('path')} がありません。`,
    screen: 'ポインターだけの黒い画面、すぐに終わるサインイン、または停止コード 0xC000021A。',
    proof: 'Winlogon の Userinit または Shell が空か、その先頭のプログラムが存在しません。',
    remedy: '値を元に戻してください（Userinit は C:\\Windows\\system32\\userinit.exe, Shell は explorer.exe）。',
  },
};
