/** Names of what evidence shows that are whole: each language has a word for each. */
export type FixedEvidenceName =
  | 'partition entry'
  | 'damaged partition table'
  | 'GPT header in 4096-byte sectors'
  | 'disk identity'
  | 'volume manager'
  | 'start of the volume'
  | 'start of hiberfil.sys'
  | 'restart page of $LogFile'
  | 'boot loader'
  | 'BitLocker volume header'
  | 'BitLocker metadata block'
  | 'BitLocker clear key entry'
  | 'LUKS1 header'
  | 'LUKS2 header'
  | 'LUKS2 secondary header'
  | 'APFS container superblock'
  | 'APFS volume flags'
  | 'CoreStorage physical volume header'
  | 'VeraCrypt boot loader'
  | 'TrueCrypt boot loader'
  | 'DiskCryptor boot loader'
  | 'DiskCryptor loader configuration'
  | 'BestCrypt volume header'
  | 'BestCrypt container header'
  | 'Check Point Full Disk Encryption text'
  | 'first sector, looks random'
  | 'first sector of a partition, looks random'
  | 'sector of the system encryption header, looks random'
  | 'partition table of a disk much smaller than the drive'
  | 'BitLocker GUID'
  | 'BitLocker GUID (conversion)'
  | 'BitLocker OEM name'
  | 'name offset of an attribute list entry'
  | 'table of the protective MBR'
  | 'end of the master boot record'
  | 'code of the master boot record'
  | 'sectors of the file system'
  | 'sectors before the volume'
  | 'boot sector'
  | 'heads of the disk';

/** What deadbox's own evidence is called: a fixed name, or one with a number or another name in it. */
export type EvidenceName =
  | FixedEvidenceName
  | `partition entry ${number}`
  | `blank partition entry ${number}`
  | `contradiction of ${string}`
  | `file record ${string}`
  | `index entry of ${string}`
  | `${string} attribute, ${'resident' | 'non-resident'}`
  | `start of ${string}`
  | `${string} boot code`
  | `registry value ${string}`
  | `checksum of ${string}`
  | `record of ${string}`
  | `partition in ${string}`
  | `${string} in ${string}`;
