import type { ByteSource, Bytes, IssueLog } from '@deadbox/core';
import { imageError } from '../errors.js';
import { directoryLength } from '../mapped/two-level-map.js';
import { parseVmdkCowdHeader } from './cowd-header.js';
import { cowdLayout, hostedLayout, seSparseLayout, type VmdkGrainLayout } from './grain-layout.js';
import { parseVmdkSparseHeader, type VmdkSparseHeader } from './header.js';
import { VmdkGrainMap } from './map.js';
import { checkVmdkSeSparseVolatileHeader, parseVmdkSeSparseHeader } from './se-sparse-header.js';
import { isVmdkCowd, isVmdkSeSparse, isVmdkSparse, VMDK_SECTOR } from './signature.js';

/** Reads bytes of the extent's file; throws `IMAGE_TRUNCATED` behind its end. */
export type ReadExtent = (offset: number, length: number) => Promise<Bytes>;

/** What opening a sparse extent needs. */
export interface SparseExtentInput {
  readonly source: ByteSource;
  readonly read: ReadExtent;
  /** Name of the file for errors. */
  readonly layer: string;
  /** Where the extent begins on the disk, in bytes. */
  readonly diskOffset: number;
  readonly issues: IssueLog;
}

/**
 * Opens a sparse extent of any kind, told by its magic.
 * @throws ImageError
 */
export async function openSparseExtent(input: SparseExtentInput): Promise<VmdkGrainMap> {
  const { source, layer } = input;
  const head = await input.read(0, Math.min(VMDK_SECTOR, source.size));
  return new VmdkGrainMap(source, await layoutOf(head, input), layer, input.diskOffset);
}

async function layoutOf(head: Bytes, input: SparseExtentInput): Promise<VmdkGrainLayout> {
  const { layer } = input;
  if (isVmdkSparse(head)) return openHostedLayout(parseVmdkSparseHeader(head, layer), input);
  if (isVmdkCowd(head)) return cowdLayout(parseVmdkCowdHeader(head, layer));
  if (isVmdkSeSparse(head)) {
    const header = parseVmdkSeSparseHeader(head, layer);
    const offset = header.volatileHeader * VMDK_SECTOR;
    checkVmdkSeSparseVolatileHeader(await input.read(offset, VMDK_SECTOR), layer, offset);
    return seSparseLayout(header);
  }
  throw imageError(
    'IMAGE_DAMAGED',
    `${layer} should be a sparse extent, but begins with none of KDMV, COWD and the seSparse magic`,
    {
      layer,
      offset: 0,
    },
  );
}

/**
 * The layout of a hosted sparse extent: a stream-optimised one may name its grain directory only in the footer, and of
 * the two directories of the others one may be unusable.
 */
export async function openHostedLayout(header: VmdkSparseHeader, input: SparseExtentInput): Promise<VmdkGrainLayout> {
  const { layer, issues, source } = input;
  if (header.dirty) {
    issues.add({
      code: 'image.marked-dirty',
      severity: 'warning',
      at: { layer, offset: 72 },
      data: { structure: 'sparse extent header' },
    });
  }
  if (header.directory === undefined) {
    const footer = await readFooter(input);
    return hostedLayout(footer, footer.directory as number, layer);
  }
  const primary =
    header.useRedundantDirectory && header.redundantDirectory > 0 ? header.redundantDirectory : header.directory;
  const other = primary === header.directory ? header.redundantDirectory : header.directory;
  const layout = hostedLayout(header, primary, layer);
  if (fits(layout, source) || other === 0) return layout;
  const second = hostedLayout(header, other, layer);
  if (!fits(second, source)) return layout;
  issues.add({
    code: 'image.backup-structure-used',
    severity: 'warning',
    at: { layer, offset: layout.directory },
    data: { structure: 'grain directory', used: second.directory },
  });
  return second;
}

function fits(layout: VmdkGrainLayout, source: ByteSource): boolean {
  const { size, grainBytes: blockBytes, tableEntries, entryBytes: directoryEntryBytes } = layout;
  return (
    layout.directory > 0 &&
    layout.directory + directoryLength({ size, blockBytes, tableEntries, directoryEntryBytes }) <= source.size
  );
}

/** The footer of a stream: a copy of the header in the last sector but one, before the end-of-stream marker. */
async function readFooter({ source, read, layer }: SparseExtentInput): Promise<VmdkSparseHeader> {
  const offset = source.size - 2 * VMDK_SECTOR;
  const bytes = offset < 0 ? undefined : await read(offset, VMDK_SECTOR);
  const footer = bytes !== undefined && isVmdkSparse(bytes) ? parseVmdkSparseHeader(bytes, layer, offset) : undefined;
  if (footer?.directory !== undefined) return footer;
  throw imageError(
    'IMAGE_TRUNCATED',
    `${layer} is a stream-optimised VMDK without its footer at ${Math.max(offset, 0)}: the file was cut off or padded; copy it again as a whole`,
    { layer, offset: Math.max(offset, 0) },
    { size: source.size },
  );
}
