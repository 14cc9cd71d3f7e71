import type { VolumeInfo } from '@deadbox/disk';
import { escapeText } from './escape.js';

const PROTECTOR_WORDS: Readonly<Record<string, string>> = {
  'clear-key': 'clear key',
  tpm: 'TPM',
  'tpm-pin': 'TPM and PIN',
  'tpm-startup-key': 'TPM and startup key',
  'startup-key': 'startup key',
  'recovery-password': 'recovery password',
  password: 'password',
  'smart-card': 'smart card',
  network: 'network unlock',
  unknown: 'unknown protector',
};

/** A protector as operators look it up: `recovery password {64311DEA-…}`. */
function protectorWords(protector: { id: string; type: string }): string {
  const word = PROTECTOR_WORDS[protector.type] ?? protector.type;
  return protector.type === 'tpm' || protector.type === 'clear-key' ? word : `${word} {${escapeText(protector.id)}}`;
}

/** What a locked volume is and which key opens it. */
export function encryptionSentence(volume: VolumeInfo): string {
  const { encryption } = volume;
  const product = encryption.product ?? 'an unknown product';
  if (encryption.verdict === 'random-data') {
    return `Volume ${volume.number} is statistically indistinguishable from random data: encrypted or overwritten. No product could be named.`;
  }
  if (encryption.verdict === 'not-enough-data') {
    return `Volume ${volume.number} holds too little data to tell whether it is encrypted. No product could be named.`;
  }
  if (encryption.product !== 'BitLocker') {
    return `Volume ${volume.number} is encrypted by ${escapeText(product)}. Its content cannot be examined without the key.`;
  }
  if (encryption.keyProtectors.some((protector) => protector.type === 'clear-key')) {
    return (
      `Volume ${volume.number} is encrypted by BitLocker, but its key lies on the disk itself (protection suspended or waiting for activation): ` +
      'Windows opens it without asking, Linux does not.'
    );
  }
  const protectors = encryption.keyProtectors.map(protectorWords).join(', ');
  const recovery = encryption.keyProtectors.some((protector) => protector.type === 'recovery-password');
  const bound =
    encryption.keyProtectors.length > 0 &&
    encryption.keyProtectors.every((protector) => protector.type.startsWith('tpm'));
  const advice = recovery
    ? " Look up the 48-digit key with this ID (AD, Entra ID, or your cloud's store)."
    : bound
      ? ' TPM only: no other computer can open it.'
      : '';
  return `Volume ${volume.number} is locked by BitLocker. Protectors: ${protectors === '' ? 'none could be read' : protectors}.${advice}`;
}

/** Said when a volume's root could be read without any key. */
export function notBitLockerSentence(volume: VolumeInfo): string {
  return volume.encryption.state === 'decrypted'
    ? `BitLocker is not the reason: volume ${volume.number} was decrypted, only its headers are left.`
    : `BitLocker is not the reason: volume ${volume.number} is not encrypted and its files are readable.`;
}

interface BitLockerDetails {
  readonly description?: string;
  readonly created?: string;
  readonly conversion?: { direction?: string; percentEncrypted?: number };
}

/** A BitLocker state in the words that administrators use: `suspended (key in the clear)`, `encrypting (43 %)`. */
export function stateWords(encryption: VolumeInfo['encryption']): string | undefined {
  const { conversion } = (encryption.details.bitlocker ?? {}) as BitLockerDetails;
  const percent = conversion?.percentEncrypted === undefined ? '' : ` (${conversion.percentEncrypted} % encrypted)`;
  switch (encryption.state) {
    case 'suspended':
      return 'protection suspended (key in the clear)';
    case 'waiting-for-activation':
      return 'waiting for activation (key in the clear)';
    case 'decrypted':
      return 'decrypted, header left';
    case 'locked-tpm-only':
      return 'locked, by protectors of this machine only';
    case null:
      return undefined;
    default:
      return `${encryption.state}${percent}`;
  }
}

/** Which machine and drive a BitLocker volume was made on, as its metadata says. */
export function bitLockerOrigin(encryption: VolumeInfo['encryption']): string | undefined {
  const { description, created } = (encryption.details.bitlocker ?? {}) as BitLockerDetails;
  const parts = [
    description === undefined ? '' : `"${escapeText(description)}"`,
    created === undefined ? '' : `created ${created}`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? undefined : parts.join(', ');
}
