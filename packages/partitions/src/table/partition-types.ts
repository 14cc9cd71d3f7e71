/**
 * Names of partition types. GPT: UEFI 2.10 table 5.6, Microsoft's PARTITION_INFORMATION_GPT, and the lists of
 * util-linux and the Discoverable Partitions Specification. MBR: the list kept by A. Brouwer, as fdisk shows it.
 */
const GPT_TYPES: Readonly<Record<string, string>> = {
  'C12A7328-F81F-11D2-BA4B-00A0C93EC93B': 'EFI System',
  'E3C9E316-0B5C-4DB8-817D-F92DF00215AE': 'Microsoft Reserved',
  'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7': 'Microsoft Basic Data',
  'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC': 'Windows Recovery',
  '5808C8AA-7E8F-42E0-85D2-E1E90434CFB3': 'LDM Metadata',
  'AF9B60A0-1431-4F62-BC68-3311714A69AD': 'LDM Data',
  'E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D': 'Storage Spaces',
  'CADDEBF1-4400-4DE8-B103-12117DCF3CCF': 'Microsoft Shadow Copy Area',
  '558D43C5-A1AC-43C0-AAC8-D1472B2923D1': 'Storage Replica Log',
  'DB97DBA9-0840-4BAE-97F0-FFB9A327C7E1': 'Microsoft Cluster Metadata',
  '37AFFC90-EF7D-4E96-91C3-2D7AE055B174': 'IBM GPFS',
  '024DEE41-33E7-11D3-9D69-0008C781F39F': 'MBR Partition Scheme',
  '21686148-6449-6E6F-744E-656564454649': 'BIOS Boot',
  'BC13C2FF-59E6-4262-A352-B275FD6F7172': 'Linux Extended Boot',
  '0FC63DAF-8483-4772-8E79-3D69D8477DE4': 'Linux File System',
  '4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709': 'Linux Root (x86-64)',
  '933AC7E1-2EB4-4F13-B844-0E14E2AEF915': 'Linux Home',
  '0657FD6D-A4AB-43C4-84E5-0933C84B4F4F': 'Linux Swap',
  'E6D6D379-F507-44C2-A23C-238F2A3DF928': 'Linux LVM',
  'A19D880F-05FC-4D3B-A006-743F0F84911E': 'Linux RAID',
  'CA7D7CCB-63ED-4C53-861C-1742536059CC': 'LUKS',
  '7FFEC5C9-2D00-49B7-8941-3EA10A5586B7': 'Plain dm-crypt',
  '48465300-0000-11AA-AA11-00306543ECAC': 'Apple HFS+',
  '7C3457EF-0000-11AA-AA11-00306543ECAC': 'Apple APFS',
  '53746F72-6167-11AA-AA11-00306543ECAC': 'Apple CoreStorage',
  '6A898CC3-1DD2-11B2-99A6-080020736631': 'ZFS',
  '516E7CBA-6ECF-11D6-8FF8-00022D09712B': 'FreeBSD ZFS',
  'AA31E02A-400F-11DB-9590-000C2911D1B8': 'VMware VMFS',
  '9198EFFC-31C0-11DB-8F78-000C2911D1B8': 'VMware Reserved',
  '381CFCCC-7288-11E0-92EE-000C2911D0B2': 'VMware vSAN',
};

const MBR_TYPES: Readonly<Record<number, string>> = {
  0x01: 'FAT12',
  0x04: 'FAT16 below 32 MiB',
  0x05: 'Extended',
  0x06: 'FAT16',
  0x07: 'NTFS or exFAT',
  0x0b: 'FAT32',
  0x0c: 'FAT32 (LBA)',
  0x0e: 'FAT16 (LBA)',
  0x0f: 'Extended (LBA)',
  0x11: 'Hidden FAT12',
  0x12: 'Vendor Recovery',
  0x14: 'Hidden FAT16 below 32 MiB',
  0x16: 'Hidden FAT16',
  0x17: 'Hidden NTFS or exFAT',
  0x1b: 'Hidden FAT32',
  0x1c: 'Hidden FAT32 (LBA)',
  0x1e: 'Hidden FAT16 (LBA)',
  0x27: 'Windows Recovery',
  0x42: 'LDM Dynamic Disk',
  0x82: 'Linux Swap',
  0x83: 'Linux File System',
  0x84: 'Hibernation',
  0x85: 'Linux Extended',
  0x86: 'NTFS Fault-Tolerant Set',
  0x87: 'NTFS Fault-Tolerant Set',
  0x8e: 'Linux LVM',
  0xa5: 'FreeBSD',
  0xa8: 'Apple UFS',
  0xaf: 'Apple HFS+',
  0xee: 'GPT Protective',
  0xef: 'EFI System',
  0xfb: 'VMware VMFS',
  0xfd: 'Linux RAID',
};

/** GPT type GUIDs that decide what is done with a partition; upper case. */
export const GPT_TYPE = {
  unused: '00000000-0000-0000-0000-000000000000',
  efiSystem: 'C12A7328-F81F-11D2-BA4B-00A0C93EC93B',
  microsoftReserved: 'E3C9E316-0B5C-4DB8-817D-F92DF00215AE',
  basicData: 'EBD0A0A2-B9E5-4433-87C0-68B6B72699C7',
  recovery: 'DE94BBA4-06D1-4D40-A16A-BFD50179D6AC',
  ldmMetadata: '5808C8AA-7E8F-42E0-85D2-E1E90434CFB3',
  ldmData: 'AF9B60A0-1431-4F62-BC68-3311714A69AD',
  storageSpaces: 'E75CAF8F-F680-4CEE-AFA3-B001E56EFC2D',
} as const;

/** MBR type bytes that decide what is done with an entry. */
export const MBR_TYPE = {
  extended: [0x05, 0x0f, 0x85],
  recovery: 0x27,
  ldm: 0x42,
  gptProtective: 0xee,
  efiSystem: 0xef,
} as const;

/** The name of a partition type: a GUID in any case, or `0x07`. `undefined` when it is not in the list. */
export function partitionTypeName(type: string): string | undefined {
  if (/^0x[0-9a-f]{1,2}$/i.test(type)) return MBR_TYPES[Number.parseInt(type, 16)];
  return GPT_TYPES[type.toUpperCase()];
}
