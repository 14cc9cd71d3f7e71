import type { BitLockerStateId, EncryptionVerdict, KeyProtectorType } from '@deadbox/encryption';
import type { Phrase } from '../document/phrase.js';

/** Words of what encrypts a volume. */
export interface EncryptionWords {
  readonly protectors: Readonly<Record<KeyProtectorType, string>>;
  readonly verdicts: Readonly<Record<EncryptionVerdict, string>>;
  readonly states: Readonly<Record<BitLockerStateId, string>>;
  /** A state with how far its conversion is. */
  converted(state: string, percent: number): string;
  readonly unknownProduct: string;
  /** `recovery password {64311DEA-…}` */
  protector(word: string, id: string): Phrase;
  randomData(volume: number): Phrase;
  notEnoughData(volume: number): Phrase;
  otherProduct(volume: number, product: string): Phrase;
  /** The image itself is encrypted, and its hypervisor has the key. */
  container(product: string): Phrase;
  wholeDisk(product: string): Phrase;
  clearKey(volume: number): Phrase;
  /** @param protectors - `undefined` when none could be read */
  locked(volume: number, protectors: Phrase | undefined): Phrase;
  readonly lookUpKey: string;
  readonly tpmOnly: string;
  /** BitLocker is not the reason. */
  decrypted(volume: number): Phrase;
  notEncrypted(volume: number): Phrase;
  /** On which machine a volume was encrypted, as its metadata says. */
  made(description: string | undefined, created: string | undefined): Phrase;
}
