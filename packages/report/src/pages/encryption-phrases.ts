import type { VolumeInfo } from '@deadbox/disk';
import { type Phrase, text } from '../document/phrase.js';
import type { Reader } from './page.js';

interface Protector {
  readonly id: string;
  readonly type: VolumeInfo['encryption']['keyProtectors'][number]['type'];
}

/** A protector as operators look it up: `recovery password {64311DEA-…}`. */
export function protectorPhrase({ id, type }: Protector, { language: { encryption } }: Reader): Phrase {
  const word = encryption.protectors[type];
  return type === 'tpm' || type === 'clear-key' ? [text(word)] : encryption.protector(word, id);
}

/** What a locked volume is and which key opens it. */
export function lockedPhrase(volume: VolumeInfo, reader: Reader): Phrase {
  const { number } = volume;
  const { product, verdict, keyProtectors } = volume.encryption;
  const words = reader.language.encryption;
  if (verdict === 'random-data') return words.randomData(number);
  if (verdict === 'not-enough-data') return words.notEnoughData(number);
  if (product !== 'BitLocker') return words.otherProduct(number, product ?? words.unknownProduct);
  if (keyProtectors.some(({ type }) => type === 'clear-key')) return words.clearKey(number);
  const known = keyProtectors.map((protector) => protectorPhrase(protector, reader));
  const recovery = keyProtectors.some(({ type }) => type === 'recovery-password');
  const bound = keyProtectors.length > 0 && keyProtectors.every(({ type }) => type.startsWith('tpm'));
  return reader.sentences(
    words.locked(number, known.length === 0 ? undefined : reader.language.common.list(known)),
    recovery ? text(words.lookUpKey) : bound ? text(words.tpmOnly) : undefined,
  );
}

/** What it means that the disk as a whole, or the image itself, is encrypted. */
export function wholeDiskPhrase({ product, needs }: VolumeInfo['encryption'], { language }: Reader): Phrase {
  const { encryption } = language;
  const name = product ?? encryption.unknownProduct;
  return needs.includes('hypervisor') ? encryption.container(name) : encryption.wholeDisk(name);
}

/** Said when a volume's root could be read without any key. */
export function notBitLockerPhrase({ number, encryption }: VolumeInfo, { language }: Reader): Phrase {
  return encryption.state === 'decrypted'
    ? language.encryption.decrypted(number)
    : language.encryption.notEncrypted(number);
}

interface BitLockerDetails {
  readonly description?: string;
  readonly created?: string;
  readonly conversion?: { readonly percentEncrypted?: number };
}

const bitLockerOf = (encryption: VolumeInfo['encryption']): BitLockerDetails => encryption.details.bitlocker ?? {};

/** Product, cipher, state and verdict of a volume's encryption; states in the words that administrators use. */
export function encryptionPhrase(encryption: VolumeInfo['encryption'], reader: Reader): Phrase {
  const words = reader.language.encryption;
  const { product, method, state, verdict } = encryption;
  const percent = bitLockerOf(encryption).conversion?.percentEncrypted;
  const stateWord = state === null ? undefined : reader.word(words.states, state);
  const shown =
    stateWord === undefined || percent === undefined || (state !== 'encrypting' && state !== 'decrypting')
      ? stateWord
      : text(words.converted(stateWord.text, percent));
  const parts = [product ?? text(reader.language.common.unknown), method, shown, reader.word(words.verdicts, verdict)];
  return reader.language.common.list(parts.filter((part) => part !== null && part !== undefined));
}

/** Which machine and drive a BitLocker volume was made on; `undefined` where its metadata does not say. */
export function bitLockerOrigin(encryption: VolumeInfo['encryption'], reader: Reader): Phrase | undefined {
  const { description, created } = bitLockerOf(encryption);
  if (description === undefined && created === undefined) return undefined;
  return reader.language.encryption.made(description, created === undefined ? undefined : reader.time(created));
}
