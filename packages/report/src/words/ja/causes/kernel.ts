import type { KernelCauseId } from '@deadbox/triage/causes';
import { phrase } from '../../../document/phrase.js';
import type { CauseTexts } from '../../cause-words.js';

export const kernel: CauseTexts<KernelCauseId> = {
  'boot-driver-not-boot': {
    title: (facts) =>
      phrase`起動に必ず必要なドライバー ${facts.show('name')} が、ブート時に読み込まれる設定になっていません。`,
    screen: '停止コード 0x7B INACCESSIBLE_BOOT_DEVICE、またはロゴの後の再起動。',
    proof:
      'ローダーが使うコントロールセットで、ドライバーの Start が 0 でないか、このハードウェアの StartOverride が別の値です。',
    remedy: 'Start を 0 に戻してください（4 バイト）。',
  },
};
