import { Cursor } from '@deadbox/core';
import { ntfsError } from '../errors.js';

/** Name of the stream that holds the compressed content. */
export const WOF_STREAM_NAME = 'WofCompressedData';

/** How WOF compresses a file: XPRESS Huffman in chunks of 4, 8 or 16 KiB, or LZX in chunks of 32 KiB. */
export type WofAlgorithm = 'xpress4k' | 'xpress8k' | 'xpress16k' | 'lzx32k';

/** What the reparse point of a WOF file says. */
export interface WofInfo {
  /** `file`: the content is in the file's own stream `WofCompressedData`; `wim`: in a WIM file elsewhere (WIMBoot). */
  readonly provider: 'file' | 'wim';
  /** Only for provider `file`. */
  readonly algorithm?: WofAlgorithm;
}

/** Algorithm numbers of the file provider: wof.h `FILE_PROVIDER_COMPRESSION_*`. */
const ALGORITHMS: readonly WofAlgorithm[] = ['xpress4k', 'lzx32k', 'xpress8k', 'xpress16k'];

const CHUNK_SIZES: Readonly<Record<WofAlgorithm, number>> = {
  xpress4k: 4096,
  xpress8k: 8192,
  xpress16k: 16384,
  lzx32k: 32768,
};

/** Expanded bytes of every chunk but the last. */
export function wofChunkSize(algorithm: WofAlgorithm): number {
  return CHUNK_SIZES[algorithm];
}

/**
 * Parses the data of a WOF reparse point (what follows the 8 bytes of tag and length).
 * Layout (wof.h `WOF_EXTERNAL_INFO`, `FILE_PROVIDER_EXTERNAL_INFO_V1`): 0x00 u32 WOF version 1; 0x04 u32 provider (1
 * WIM, 2 file); 0x08 u32 provider version 1; 0x0C u32 algorithm.
 * @throws DeadboxError `NTFS_STREAM_UNSUPPORTED` for a version, provider or algorithm that does not exist;
 * `CURSOR_OUT_OF_RANGE`
 */
export function parseWofInfo(data: Uint8Array<ArrayBuffer>): WofInfo {
  const cursor = new Cursor(data, 'WOF reparse data');
  const version = cursor.u32(0x00);
  const provider = cursor.u32(0x04);
  if (version !== 1 || (provider !== 1 && provider !== 2)) {
    const what = `WOF version ${version} with provider ${provider} is not known; version 1 with provider 1 or 2 is`;
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', what, cursor.at(0), { version, provider });
  }
  if (provider === 1) return { provider: 'wim' };
  const providerVersion = cursor.u32(0x08);
  const number = cursor.u32(0x0c);
  const algorithm = ALGORITHMS[number];
  if (providerVersion !== 1 || algorithm === undefined) {
    const found = `WOF file provider version ${providerVersion} with algorithm ${number}`;
    const what = `${found} is not known; version 1 with algorithms 0 to 3 is`;
    throw ntfsError('NTFS_STREAM_UNSUPPORTED', what, cursor.at(8), { providerVersion, algorithm: number });
  }
  return { provider: 'file', algorithm };
}
