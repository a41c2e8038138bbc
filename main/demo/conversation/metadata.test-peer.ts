// Title, description, elements; autostart.
import { affect, metadataType } from '../../libvirt/constants.ts';
import { remote } from '../../libvirt/procedures.ts';
import { type Chapter, both, twin } from './talk.test-peer.ts';

const { live, config } = affect;

export const metadata: Chapter = async ({ connection, step, xml }) => {
  const describe = (type: number, metadata: string | null, key: string | null, uri: string | null, flags: number) => connection.call(remote.domainSetMetadata, { dom: twin, type, metadata, key, uri, flags });
  const described = (type: number, uri: string | null, flags: number) => connection.call(remote.domainGetMetadata, { dom: twin, type, uri, flags });
  await step('metadata: no title', () => described(metadataType.title, null, config));
  await step('metadata: no element', () => described(metadataType.element, 'urn:horse', config));
  await step('metadata: title', () => describe(metadataType.title, 'A <twin>', null, null, both));
  await step('metadata: title of two lines', () => describe(metadataType.title, 'one\ntwo', null, null, config));
  await step('metadata: description', () => describe(metadataType.description, 'two\nlines', null, null, config));
  await step('metadata: element', () => describe(metadataType.element, '<team a="1"><x>y</x></team>', 'horse', 'urn:horse', both));
  await step('metadata: element without key', () => describe(metadataType.element, '<team/>', null, 'urn:horse', config));
  await step('metadata: element without uri', () => describe(metadataType.element, '<team/>', 'horse', null, config));
  await step('metadata: element of nonsense', () => describe(metadataType.element, '<team', 'horse', 'urn:horse', config));
  await step('metadata: unknown type', () => describe(9, 'x', null, null, config));
  await step('metadata: get title', () => described(metadataType.title, null, live));
  await step('metadata: get description', () => described(metadataType.description, null, config));
  await step('metadata: get element', () => described(metadataType.element, 'urn:horse', config));
  await step('metadata: get element without uri', () => described(metadataType.element, null, config));
  await step('metadata: get both', () => described(metadataType.title, null, both));
  await step('metadata: XML', () => xml(2, 'title', 'description', 'metadata'));
  await step('metadata: take the element back', () => describe(metadataType.element, null, 'horse', 'urn:horse', both));
  await step('metadata: take the title back', () => describe(metadataType.title, null, null, null, both));
  await step('metadata: XML afterwards', () => xml(2, 'title', 'description', 'metadata'));
  await step('autostart', () => connection.call(remote.domainSetAutostart, { dom: twin, autostart: 1 }));
  await step('autostarted', () => connection.call(remote.domainGetAutostart, { dom: twin }));
};
