import { plainStopCode, STOP_CODE_NAMES } from './bugcheck.js';

/** Names of the status codes with which a start fails (MS-ERREF 2.3.1; the last two are the boot manager's own). */
const NAMES: Readonly<Record<number, string>> = {
  0x800719e4: 'ERROR_LOG_FULL',
  0xc0000001: 'STATUS_UNSUCCESSFUL',
  0xc000000e: 'STATUS_NO_SUCH_DEVICE',
  0xc000000f: 'STATUS_NO_SUCH_FILE',
  0xc0000011: 'STATUS_END_OF_FILE',
  0xc0000017: 'STATUS_NO_MEMORY',
  0xc0000032: 'STATUS_DISK_CORRUPT_ERROR',
  0xc0000034: 'STATUS_OBJECT_NAME_NOT_FOUND',
  0xc000007b: 'STATUS_INVALID_IMAGE_FORMAT',
  0xc000007f: 'STATUS_DISK_FULL',
  0xc0000098: 'STATUS_FILE_INVALID',
  0xc00000ba: 'STATUS_FILE_IS_A_DIRECTORY',
  0xc00000bb: 'STATUS_NOT_SUPPORTED',
  0xc00000d4: 'STATUS_NOT_SAME_DEVICE',
  0xc00000e9: 'STATUS_UNEXPECTED_IO_ERROR',
  0xc0000102: 'STATUS_FILE_CORRUPT_ERROR',
  0xc0000135: 'STATUS_DLL_NOT_FOUND',
  0xc0000142: 'STATUS_DLL_INIT_FAILED',
  0xc000014c: 'STATUS_REGISTRY_CORRUPT',
  0xc000014f: 'STATUS_UNRECOGNIZED_VOLUME',
  0xc0000185: 'STATUS_IO_DEVICE_ERROR',
  0xc0000218: 'STATUS_CANNOT_LOAD_REGISTRY_FILE',
  0xc000021a: 'STATUS_SYSTEM_PROCESS_TERMINATED',
  0xc0000221: 'STATUS_IMAGE_CHECKSUM_MISMATCH',
  0xc0000225: 'STATUS_NOT_FOUND',
  0xc00002e1: 'STATUS_DS_CANT_START',
  0xc00002e2: 'STATUS_DS_INIT_FAILURE',
  0xc0000359: 'STATUS_INVALID_IMAGE_WIN_64',
  0xc0000411: 'STATUS_HIBERNATION_FAILURE',
  0xc0000428: 'STATUS_INVALID_IMAGE_HASH',
  0xc0000605: 'STATUS_IMAGE_CERT_EXPIRED',
  0xc0430001: 'STATUS_SECUREBOOT_ROLLBACK_DETECTED',
  0xc0e90002: 'STATUS_SYSTEM_INTEGRITY_POLICY_VIOLATION',
};

/** A code that a failed start shows. */
export interface FailureCode {
  readonly code: number;
  /** `stop-code`: a blue screen of Windows; `status`: the boot manager, the loader, or a stop that shows a status. */
  readonly kind: 'stop-code' | 'status';
  readonly name?: string;
}

/** Stop codes have few digits; a stop whose code is a status (0xC000021A) is both, and is shown as the status. */
const FIRST_STATUS = 0x8000_0000;

/** What kind of code `code` is, and its name where it is known. */
export function failureCode(code: number): FailureCode {
  const plain = code >= FIRST_STATUS ? code : plainStopCode(code);
  const kind = plain >= FIRST_STATUS && plain !== DEAD ? 'status' : 'stop-code';
  const name = NAMES[plain] ?? STOP_CODE_NAMES[plain];
  return { code: plain, kind, ...(name === undefined ? {} : { name }) };
}

/** MANUALLY_INITIATED_CRASH1. */
const DEAD = 0xdead_dead;

/** The code of that name, any case; `STATUS_` may be left out. */
export function failureCodeNamed(name: string): FailureCode | undefined {
  const wanted = name
    .trim()
    .toUpperCase()
    .replace(/^STATUS_/, '');
  for (const names of [STOP_CODE_NAMES, NAMES])
    for (const [code, known] of Object.entries(names))
      if (known.replace(/^STATUS_/, '') === wanted) return failureCode(Number(code));
  return undefined;
}

/** Every code whose name is known. */
export function knownFailureCodes(): number[] {
  return [...new Set([...Object.keys(STOP_CODE_NAMES), ...Object.keys(NAMES)])].map(Number).sort((a, b) => a - b);
}
