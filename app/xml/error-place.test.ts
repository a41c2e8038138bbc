// libvirt's errors at their lines. The messages are those of libvirt 9.0.
import { describe, expect, it } from 'vitest';
import { errorPlace } from './error-place.ts';

const before = `<domain type='kvm'>
  <name>one</name>
  <memory unit='KiB'>1048576</memory>
  <vcpu placement='static'>2</vcpu>
  <os>
    <type arch='x86_64'>hvm</type>
  </os>
  <devices>
    <disk type='file' device='disk'>
      <target dev='vda' bus='virtio'/>
    </disk>
    <interface type='network'>
      <source network='default'/>
    </interface>
    <memballoon model='virtio'>
      <address type='pci' domain='0x0000' bus='0x00' slot='0x03' function='0x0'/>
    </memballoon>
  </devices>
</domain>
`;
const put = (line: number, ...lines: readonly string[]): string => before.split('\n').toSpliced(line - 1, 0, ...lines).join('\n');
const schema = 'XML document failed to validate against schema: Unable to validate doc against /usr/share/libvirt/schemas/domain.rng\n';

describe('the place of an error', () => {
  it('is the line that it tells', () => {
    expect(errorPlace('(domain_definition):7: Opening and ending tag mismatch: oss line 5 and os\n', before, before)).toEqual({ line: 7, told: true });
  });

  it('is the element that it names', () => {
    expect(errorPlace(`${schema}Element domain has extra content: foo`, put(5, '  <foo/>'), before)).toEqual({ line: 5, told: false });
    expect(errorPlace("unsupported configuration: unknown watchdog model 'bar'", put(15, "    <rng model='virtio'/>", "    <watchdog model='bar'/>"), before)).toEqual({ line: 16, told: false });
  });

  it('is the edited line inside the only element that it names', () => {
    expect(errorPlace(`${schema}Extra element devices in interleave\nElement domain failed to validate content`, put(15, "    <watchdog model='bar'/>"), before)).toEqual({ line: 15, told: false });
  });

  it('is where something was taken out, if that is all there was', () => {
    const text = before.replace("      <target dev='vda' bus='virtio'/>\n", '');
    expect(errorPlace('XML error: missing target information for device', text, before)).toEqual({ line: 10, told: false });
  });

  it('is the value that it quotes, edited or not', () => {
    expect(errorPlace("Network not found: no network with matching name 'default'", before, before)).toEqual({ line: 13, told: false });
  });

  it('is found by names and values, in whatever language the rest is', () => {
    expect(errorPlace("nicht unterstützte Konfiguration: unbekanntes 'watchdog'-Modell 'bar'", put(15, "    <watchdog model='bar'/>"), before)).toEqual({ line: 15, told: false });
  });

  it('is nowhere when nothing hints at it', () => {
    expect(errorPlace('out of luck', before, before)).toBeNull();
  });
});
