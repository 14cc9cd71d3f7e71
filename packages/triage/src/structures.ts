import { type Bytes, type DescribedField, describeStructure as describe, type Structure } from '@deadbox/core';
import {
  VOLUME_HEADER as BITLOCKER_VOLUME_HEADER,
  DATUM_HEADER,
  KEY_PROTECTOR,
  METADATA_BLOCK_HEADER,
} from '@deadbox/encryption/internals';
import { FAT_BOOT_SECTOR, FAT_ENTRY, FAT_LONG_NAME, FAT32_BOOT_SECTOR } from '@deadbox/fat';
import {
  QCOW_HEADER,
  QCOW2_HEADER,
  VHD_DYNAMIC_HEADER,
  VHD_FOOTER,
  VHDX_HEADER,
  VMDK_SPARSE_HEADER,
} from '@deadbox/image/internals';
import {
  ATTRIBUTE_HEADER,
  describeDataRuns,
  FILE_NAME,
  FILE_RECORD_HEADER,
  INDEX_BLOCK,
  INDEX_ENTRY,
  INDEX_NODE,
  INDEX_ROOT,
  NON_RESIDENT_HEADER,
  NTFS_BOOT_SECTOR,
  RESIDENT_HEADER,
  STANDARD_INFORMATION,
} from '@deadbox/ntfs';
import { GPT_ENTRY, GPT_HEADER, MBR, MBR_ENTRY } from '@deadbox/partitions';
import { BASE_BLOCK, BCD_DEVICE, KEY_NODE, KEY_VALUE } from '@deadbox/windows/internals';

/** Kinds of structures that {@link describeStructure} knows; `data-runs` is a list of its own. */
export type StructureKind =
  | 'mbr'
  | 'mbr-entry'
  | 'gpt-header'
  | 'gpt-entry'
  | 'ntfs-boot-sector'
  | 'file-record'
  | 'attribute'
  | 'resident-attribute'
  | 'non-resident-attribute'
  | 'standard-information'
  | 'file-name'
  | 'index-root'
  | 'index-block'
  | 'index-node'
  | 'index-entry'
  | 'hive-base-block'
  | 'key-node'
  | 'key-value'
  | 'bcd-device'
  | 'bitlocker-volume-header'
  | 'bitlocker-metadata-block'
  | 'bitlocker-datum'
  | 'bitlocker-key-protector'
  | 'fat-boot-sector'
  | 'fat32-boot-sector'
  | 'fat-entry'
  | 'fat-long-name'
  | 'vhd-footer'
  | 'vhd-dynamic-header'
  | 'vhdx-header'
  | 'qcow-header'
  | 'qcow2-header'
  | 'vmdk-sparse-header'
  | 'data-runs';

/**
 * Structures by kind, on the way from the first sector of an image to a value of the registry. Each is the table that
 * its parser reads with.
 */
const STRUCTURES: Readonly<Record<Exclude<StructureKind, 'data-runs'>, Structure>> = {
  mbr: MBR,
  'mbr-entry': MBR_ENTRY,
  'gpt-header': GPT_HEADER,
  'gpt-entry': GPT_ENTRY,
  'ntfs-boot-sector': NTFS_BOOT_SECTOR,
  'file-record': FILE_RECORD_HEADER,
  attribute: ATTRIBUTE_HEADER,
  'resident-attribute': RESIDENT_HEADER,
  'non-resident-attribute': NON_RESIDENT_HEADER,
  'standard-information': STANDARD_INFORMATION,
  'file-name': FILE_NAME,
  'index-root': INDEX_ROOT,
  'index-block': INDEX_BLOCK,
  'index-node': INDEX_NODE,
  'index-entry': INDEX_ENTRY,
  'hive-base-block': BASE_BLOCK,
  'key-node': KEY_NODE,
  'key-value': KEY_VALUE,
  'bcd-device': BCD_DEVICE,
  'bitlocker-volume-header': BITLOCKER_VOLUME_HEADER,
  'bitlocker-metadata-block': METADATA_BLOCK_HEADER,
  'bitlocker-datum': DATUM_HEADER,
  'bitlocker-key-protector': KEY_PROTECTOR,
  'fat-boot-sector': FAT_BOOT_SECTOR,
  'fat32-boot-sector': FAT32_BOOT_SECTOR,
  'fat-entry': FAT_ENTRY,
  'fat-long-name': FAT_LONG_NAME,
  'vhd-footer': VHD_FOOTER,
  'vhd-dynamic-header': VHD_DYNAMIC_HEADER,
  'vhdx-header': VHDX_HEADER,
  'qcow-header': QCOW_HEADER,
  'qcow2-header': QCOW2_HEADER,
  'vmdk-sparse-header': VMDK_SPARSE_HEADER,
};

/** Every kind, from the first sector on. */
export const STRUCTURE_KINDS: readonly StructureKind[] = [...(Object.keys(STRUCTURES) as StructureKind[]), 'data-runs'];

/**
 * The fields of a structure: name, offset, length, raw bytes, value, meaning and the source of the format fact. Fields
 * behind the end of `bytes` are listed without a value.
 * @param base - where the structure begins in `bytes`
 */
export function describeStructure(kind: StructureKind, bytes: Bytes, base = 0): DescribedField[] {
  if (kind === 'data-runs') return describeDataRuns(bytes.subarray(base));
  return describe(STRUCTURES[kind], bytes, base);
}
