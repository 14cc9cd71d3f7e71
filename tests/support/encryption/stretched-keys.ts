/**
 * What OpenSSL's SHA-256 makes of the secrets that tests use most, in 1,048,576 rounds with the salts of the recipe:
 * over a second each time. By hash of the secret, in hexadecimal. dislocker and cryptsetup, which stretch for
 * themselves, open volumes with these keys (recipe.test.ts), and the long form computes all of them again.
 */
export const STRETCHED_KEYS: ReadonlyMap<string, string> = new Map([
  // Faulty-291!
  [
    'dfc97b8aec6f8b1b6738bca0f80af8fa1ef4e638347f33f3a64c52f59a25bb6d',
    'd8113e1d0c88bd99285c59cdf5300ab265f86183063ba2085521a32a25831a9a',
  ],
  // open sesame
  [
    '9ef712f18f5cbd6a10a6a1da6c91b6e65c0a9b670af5d264a9b26e9312468a81',
    '658769b87c1c8259556222ae5497065a34ca127952d1e41579990acbe2f22610',
  ],
  // Schlüssel🔑
  [
    '37ce0e4e275e5b215aac5f0db71437a02403b8f8f7d89fed240a19b5c3733791',
    '3434802801df87057611e71c92884e4ac7184474a240ea0c4da6ad967e52799a',
  ],
  // 235818-357951-253979-013365-241120-245575-342914-591910
  [
    'fdd303817e456f7a4b64a7063ae00be752a46841e57da98caf8522f136cb3411',
    '2d2e0c056f2ca6f54ab4352f4e4c4b2279b998e7e52df9c2aa9fee5cb0d035b7',
  ],
  // 111683-165869-225434-278333-331089-384604-437811-491480
  [
    '8b781d4c684a6c199a58732b54edaaa430fc5454a6e805e1c344aa89168e0f32',
    '829c92b938151b1cc337f1347c7606b5d0200128aa482a535c4e36b9b3e986c6',
  ],
  // 111111-111111-111111-111111-111111-111111-111111-111111
  [
    '17f2c896b4e802b3668dfe7f8b22ab00b7adbba67097643f3c02767abc72648e',
    '03206bcec8011302bb24df09eccee1969fd11bae88fe35175bb186264d621a86',
  ],
]);
