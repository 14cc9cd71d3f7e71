import type { Contradictions } from '../index/contradictions.js';
import { AttributeType } from '../record/attribute.js';
import type { HeldAttribute } from '../record/attribute-set.js';
import type { FileRecord } from '../record/file-record.js';

/**
 * Whether a file is a directory. The bit in its record decides, unless the attributes say otherwise with one voice: an
 * index of names and no content, or content and no index. `found` is told when they disagree: a folder, or a file,
 * would be passed over for the bit alone.
 * @param attributes - every attribute of the file
 */
export function isDirectoryRecord(
  base: FileRecord,
  attributes: readonly HeldAttribute[],
  found: Contradictions,
): boolean {
  const hasIndex = has(attributes, AttributeType.indexRoot, '$I30');
  if (hasIndex === base.isDirectory) return base.isDirectory;
  const hasContent = has(attributes, AttributeType.data, '');
  if (base.inUse)
    found.add('record-kind', base.number, base.place.offset, { directory: base.isDirectory, hasIndex, hasContent });
  return base.isDirectory ? !hasContent : hasIndex && !hasContent;
}

function has(attributes: readonly HeldAttribute[], type: number, name: string): boolean {
  return attributes.some(({ attribute }) => attribute.type === type && attribute.name === name);
}
