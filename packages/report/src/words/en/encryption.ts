import { concat, data, phrase, text } from '../../document/phrase.js';
import type { EncryptionWords } from '../encryption-words.js';

export const encryption: EncryptionWords = {
  protectors: {
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
  },
  verdicts: {
    none: 'not encrypted',
    'encrypted-unlockable': 'can be unlocked',
    unlocked: 'unlocked',
    'encrypted-locked': 'locked',
    'encrypted-unknown-product': 'encrypted by an unknown product',
    'random-data': 'indistinguishable from random data',
    'not-enough-data': 'too little data to tell',
  },
  states: {
    decrypted: 'decrypted, header left',
    'waiting-for-activation': 'waiting for activation (key in the clear)',
    suspended: 'protection suspended (key in the clear)',
    encrypting: 'encrypting',
    decrypting: 'decrypting',
    locked: 'protected by keys',
    'locked-tpm-only': 'locked, by protectors of this machine only',
  },
  converted: (state, percent) => `${state} (${percent} % encrypted)`,
  unknownProduct: 'an unknown product',
  protector: (word, id) => phrase`${text(word)} {${id}}`,
  randomData: (volume) =>
    phrase`Volume ${volume} is statistically indistinguishable from random data: encrypted or overwritten. No product could be named.`,
  notEnoughData: (volume) =>
    phrase`Volume ${volume} holds too little data to tell whether it is encrypted. No product could be named.`,
  otherProduct: (volume, product) =>
    phrase`Volume ${volume} is encrypted by ${product}. Its content cannot be examined without the key.`,
  container: (product) =>
    phrase`The image itself is encrypted (${product}), not a volume in it. Its hypervisor can open it, or write a copy that is not encrypted; deadbox has no key for it.`,
  wholeDisk: (product) =>
    phrase`The whole disk is encrypted by ${product}. Its content cannot be examined without the key.`,
  clearKey: (volume) =>
    phrase`Volume ${volume} is encrypted by BitLocker, but its key lies on the disk itself (protection suspended or waiting for activation): Windows opens it without asking, Linux does not.`,
  locked: (volume, protectors) =>
    phrase`Volume ${volume} is locked by BitLocker. Protectors: ${protectors ?? text('none could be read')}.`,
  lookUpKey: "Look up the 48-digit key with this ID (AD, Entra ID, or your cloud's store).",
  tpmOnly: 'TPM only: no other computer can open it.',
  decrypted: (volume) =>
    phrase`BitLocker is not the reason: volume ${volume} was decrypted, only its headers are left.`,
  notEncrypted: (volume) =>
    phrase`BitLocker is not the reason: volume ${volume} is not encrypted and its files are readable.`,
  made: (description, created) =>
    concat(
      description === undefined ? undefined : phrase`"${data(description)}"`,
      description !== undefined && created !== undefined ? text(', ') : undefined,
      created === undefined ? undefined : phrase`created ${created}`,
    ),
};
