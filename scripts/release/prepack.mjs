// Runs before a package is packed: npm would leave `workspace:` ranges and the entry points of the sources in it.
if (process.env.npm_config_user_agent?.startsWith('pnpm/') !== true) {
  process.stderr.write('This package is packed by `npm run release` at the root of the clone (or by `pnpm pack`).\n');
  process.exit(1);
}
