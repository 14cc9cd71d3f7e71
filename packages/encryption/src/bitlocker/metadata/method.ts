/** Names of BitLocker's encryption methods. */
export type BitLockerMethodName =
  | 'AES-CBC-128 + Elephant diffuser'
  | 'AES-CBC-256 + Elephant diffuser'
  | 'AES-CBC-128'
  | 'AES-CBC-256'
  | 'XTS-AES-128'
  | 'XTS-AES-256';

/** An encryption method of BitLocker. */
export interface BitLockerMethod {
  /** 0x8000…0x8005 as stored. */
  readonly id: number;
  readonly name: BitLockerMethodName;
  readonly mode: 'cbc' | 'cbc-elephant' | 'xts';
  /** AES key length in bytes: 16 or 32. */
  readonly keyLength: 16 | 32;
  /** Length of the stored full volume encryption key in bytes. */
  readonly storedLength: number;
  /** Offset of the tweak key in the stored key (XTS, Elephant). */
  readonly tweakAt?: number;
}

/** The tweak key stands in the second half, whatever the length of the keys. */
const ELEPHANT = { mode: 'cbc-elephant', storedLength: 64, tweakAt: 32 } as const;

/** Source: libbde format document, "Encryption methods"; key layouts re-derived from images. */
const METHODS: readonly BitLockerMethod[] = [
  { id: 0x8000, name: 'AES-CBC-128 + Elephant diffuser', ...ELEPHANT, keyLength: 16 },
  { id: 0x8001, name: 'AES-CBC-256 + Elephant diffuser', ...ELEPHANT, keyLength: 32 },
  { id: 0x8002, name: 'AES-CBC-128', mode: 'cbc', keyLength: 16, storedLength: 16 },
  { id: 0x8003, name: 'AES-CBC-256', mode: 'cbc', keyLength: 32, storedLength: 32 },
  { id: 0x8004, name: 'XTS-AES-128', mode: 'xts', keyLength: 16, storedLength: 32, tweakAt: 16 },
  { id: 0x8005, name: 'XTS-AES-256', mode: 'xts', keyLength: 32, storedLength: 64, tweakAt: 32 },
];

/** The method with this number, `undefined` for an unknown one. */
export function methodById(id: number): BitLockerMethod | undefined {
  return METHODS.find((method) => method.id === id);
}
