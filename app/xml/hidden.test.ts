// Passwords in definitions that are edited without them.
import { describe, expect, it } from 'vitest';
import { DomainXml } from './domain-xml.ts';
import { HiddenError, withHidden } from './hidden.ts';

const domain = (...devices: readonly string[]): DomainXml => DomainXml.parse(`<domain type='kvm'>\n  <name>one</name>\n  <devices>\n${devices.map((one) => `    ${one}\n`).join('')}  </devices>\n</domain>\n`);
const vnc = "<graphics type='vnc' port='-1'/>";
const spice = "<graphics type='spice' autoport='yes'/>";
const secretVnc = "<graphics type='vnc' port='-1' passwd='one'/>";
const secretSpice = "<graphics type='spice' autoport='yes' passwd='two'/>";
const both = { plain: domain(vnc, spice), secure: domain(secretVnc, secretSpice) };
const put = (edited: DomainXml, { plain, secure } = both): string => withHidden(edited, plain, secure).text();

describe('what is hidden', () => {
  it('comes back at its own element, whatever else was edited', () => {
    expect(put(domain("<watchdog model='itco'/>", "<graphics type='vnc' port='5901'/>", spice))).toBe(
      domain("<watchdog model='itco'/>", "<graphics type='vnc' port='5901' passwd='one'/>", secretSpice).text(),
    );
  });

  it('follows its element to another place', () => {
    expect(put(domain(spice, vnc))).toBe(domain(secretSpice, secretVnc).text());
  });

  it('goes with its element', () => {
    expect(put(domain(spice))).toBe(domain(secretSpice).text());
  });

  it('stays with a display whose type is edited', () => {
    const one = { plain: domain(vnc), secure: domain(secretVnc) };
    expect(put(domain("<graphics type='spice' port='-1'/>"), one)).toBe(domain("<graphics type='spice' port='-1' passwd='one'/>").text());
  });

  it('is known again among several of one type by its text', () => {
    const two = { plain: domain(vnc, "<graphics type='vnc' port='5999'/>"), secure: domain(vnc, "<graphics type='vnc' port='5999' passwd='x'/>") };
    expect(put(domain("<graphics type='vnc' port='5999'/>"), two)).toBe(domain("<graphics type='vnc' port='5999' passwd='x'/>").text());
  });

  it('replaces a placeholder that stands for it', () => {
    const marked = { plain: domain("<graphics type='vnc' passwd='*****'/>"), secure: domain("<graphics type='vnc' passwd='one'/>") };
    expect(put(domain("<graphics type='vnc' passwd='*****' listen='::1'/>"), marked)).toBe(domain("<graphics type='vnc' passwd='one' listen='::1'/>").text());
  });

  it('is never put where it may not belong', () => {
    const two = { plain: domain(vnc, vnc), secure: domain(vnc, secretVnc) };
    expect(() => put(domain("<graphics type='vnc' port='5901'/>"), two)).toThrow(HiddenError);
    expect(() => put(domain("<graphics type='sdl'/>"))).toThrow(HiddenError);
    expect(() => put(domain("<graphics type='vnc' port='-1' passwd='typed'/>", spice))).toThrow('cannot be set by text');
  });

  it('is not taken from a definition of another moment', () => {
    expect(() => put(domain(vnc), { plain: domain(vnc), secure: domain(secretVnc, secretSpice) })).toThrow('changed while it was read');
    expect(() => put(domain(vnc), { plain: domain("<graphics type='vnc' port='-1' listen='::1'/>"), secure: domain(secretVnc) })).toThrow('changed while it was read');
  });

  it('leaves the text as it was typed where nothing is hidden', () => {
    const typed = domain("<watchdog   model='itco' />");
    expect(put(typed, { plain: domain(vnc), secure: domain(vnc) })).toBe(typed.text());
  });
});
