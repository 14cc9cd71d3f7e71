/** Products that encrypt a volume or a whole disk, as findings name them. */
export type VolumeProduct =
  | 'BitLocker'
  | 'LUKS1'
  | 'LUKS2'
  | 'dm-crypt (plain)'
  | 'FileVault 2 (CoreStorage)'
  | 'APFS'
  | 'VeraCrypt'
  | 'TrueCrypt'
  | 'VeraCrypt or TrueCrypt system encryption'
  | 'DiskCryptor'
  | 'VeraCrypt or DiskCryptor'
  | 'BestCrypt container'
  | 'BestCrypt Volume Encryption'
  | 'Check Point Full Disk Encryption'
  | 'DriveLock'
  | 'ESET Full Disk Encryption'
  | 'GuardianEdge / Symantec Endpoint Encryption'
  | 'McAfee Drive Encryption (SafeBoot)'
  | 'SecurStar DriveCrypt'
  | 'Sophos SafeGuard'
  | 'Symantec / PGP Whole Disk Encryption'
  | 'Symantec Endpoint Encryption'
  | 'Trellix (McAfee) Drive Encryption'
  | 'Trend Micro Full Disk Encryption'
  | 'WinMagic SecureDoc'
  | 'ZENworks Full Disk Encryption'
  | 'locked self-encrypting drive (possible)';

/** Products that encrypt the image file, so that the disk inside cannot be read. */
export type ContainerProduct =
  | 'QCOW AES'
  | 'QCOW2 AES'
  | 'QCOW2 LUKS'
  | 'VMware VM encryption'
  | 'VirtualBox disk encryption';

/** Every product that a finding can name. */
export type EncryptionProduct = VolumeProduct | ContainerProduct;
