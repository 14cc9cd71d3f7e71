// The bill of materials of a release, as CycloneDX 1.6.
import { Contrib, Enums, Models, Serialize, Spec, Validation } from '@cyclonedx/cyclonedx-library';

const licenceFactory = new Contrib.License.Factories.LicenseFactory((await import('spdx-expression-parse')).default);

const purlOf = (name, version) => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;

/** A component of npm; `integrity` is the hash as npm and the lock file write it. */
function component(name, version, { type = Enums.ComponentType.Library, licence, integrity, description, homepage }) {
  const [, group, bare] = /^(?:(@[^/]+)\/)?(.+)$/.exec(name);
  const made = new Models.Component(type, bare, {
    bomRef: `${name}@${version}`,
    group,
    version,
    description,
    purl: purlOf(name, version),
  });
  if (licence !== undefined) made.licenses.add(licenceFactory.makeFromString(licence));
  if (integrity?.startsWith('sha512-'))
    made.hashes.set(Enums.HashAlgorithm['SHA-512'], Buffer.from(integrity.slice(7), 'base64').toString('hex'));
  if (homepage?.startsWith('https:'))
    made.externalReferences.add(new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website));
  return made;
}

/**
 * The bill of `version` as text: `dependencies` as `readDependencies` gives them, and the packages of Node that
 * executables are made of. Throws when it does not fit the schema.
 */
export async function billOfMaterials({ version, time, dependencies, runtimes }) {
  const { ours, foreign } = dependencies;
  const components = new Map();
  for (const { name, description } of ours) {
    const type = name === 'deadbox' ? Enums.ComponentType.Application : undefined;
    components.set(name, component(name, version, { type, licence: 'MIT', description }));
  }
  for (const [id, entry] of foreign) components.set(id, component(entry.name, entry.version, entry));
  for (const [id, needs] of [
    ...ours.map((one) => [one.name, one.needs]),
    ...[...foreign].map(([key, one]) => [key, one.needs]),
  ])
    for (const need of needs) components.get(id).dependencies.add(components.get(need).bomRef);

  const bom = new Models.Bom({ serialNumber: undefined, version: 1 });
  bom.metadata.timestamp = time;
  bom.metadata.component = components.get('deadbox');
  for (const [id, one] of components) if (id !== 'deadbox') bom.components.add(one);
  for (const { package: name, version: runtime, integrity } of runtimes) {
    const type = Enums.ComponentType.Platform;
    bom.components.add(
      component(name, runtime, { type, integrity, licence: 'MIT', description: 'Node.js, in an executable' }),
    );
  }
  const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));
  const text = `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
  const error = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  if (error !== null) throw new Error(`the bill of materials does not fit its schema: ${JSON.stringify(error)}`);
  return text;
}
