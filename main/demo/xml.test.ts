// Domain XML as the demo daemon reads and prints it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fleet } from './fleet.ts';
import { guestXml } from './guest-xml.ts';
import { Element, parseXml, XmlSyntaxError } from './xml.ts';

describe('reading and printing', () => {
  it.each(fleet.map((guest) => [guest.name, guest] as const))('gives back the definition of %s as libvirt prints it', (_, guest) => {
    expect(parseXml(guestXml(guest)).print()).toBe(guestXml(guest));
  });

  it('forgets layout and comments, as libvirt does, except in metadata', () => {
    expect(parseXml("<domain><!-- gone --><name>a</name>  <metadata><x:y xmlns:x='urn:x'><!-- kept --></x:y></metadata></domain>").print()).toBe(
      '<domain>\n  <name>a</name>\n  <metadata>\n    <x:y xmlns:x="urn:x">\n      <!-- kept -->\n    </x:y>\n  </metadata>\n</domain>\n',
    );
  });

  it('keeps any text and any attribute', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme-ascii' }), fc.string({ unit: 'grapheme-ascii' }), (text, value) => {
        fc.pre(text.trim() !== '');
        const read = parseXml(new Element('a', { b: value }, [text]).print());
        expect([read.text, read.get('b')]).toEqual([text, value]);
      }),
    );
  });

  it.each(['', '   ', 'text', '<a>', '</a>', '<a></b>', '<a/><b/>', '<a b=c/>', '<a b="<"/>', '<a>&nothing;</a>', '<!DOCTYPE a><a/>', '<a>&#x110000;</a>', '<a>&</a>', '<a'])('refuses %j', (text) => {
    expect(() => parseXml(text)).toThrow(XmlSyntaxError);
  });

  it('ends with a tree or with a refusal on whatever it is given', () => {
    const piece = fc.constantFrom('<a', '<a>', '</a>', "b='c'", '/>', '>', '<!--', '-->', '&amp;', '&', 'text', '<metadata>', '</metadata>', '<![CDATA[', ']]>');
    fc.assert(
      fc.property(fc.array(piece).map((pieces) => pieces.join('')), (text) => {
        try {
          expect(parseXml(text)).toBeInstanceOf(Element);
        } catch (error) {
          expect(error).toBeInstanceOf(XmlSyntaxError);
        }
      }),
    );
  });
});

describe('editing', () => {
  it('puts new elements where libvirt prints them', () => {
    const root = parseXml("<domain><name>a</name><vcpu>1</vcpu><cputune><vcpupin vcpu='0' cpuset='0'/></cputune><os/></domain>");
    root.ensure('cputune', 'shares').text = '5';
    root.ensure('memtune', 'hard_limit').text = '7';
    root.ensure('cputune', 'emulatorpin').set('cpuset', '1');
    expect(root.children.map(({ name }) => name)).toEqual(['name', 'memtune', 'vcpu', 'cputune', 'os']);
    expect(root.at('cputune')?.children.map(({ name }) => name)).toEqual(['shares', 'vcpupin', 'emulatorpin']);
  });

  it('changes a copy without touching the original', () => {
    const root = parseXml('<a><b c="1"/></a>');
    const copy = root.clone();
    copy.ensure('b').set('c', '2');
    expect([root.at('b')?.get('c'), copy.at('b')?.get('c')]).toEqual(['1', '2']);
  });
});
