import { DOMParser } from '@xmldom/xmldom';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DomainXml, XmlError } from './domain-xml.ts';

const fixtures = Object.entries(import.meta.glob<string>('./fixtures/*.xml', { query: '?raw', import: 'default', eager: true })).map(
  ([path, text]): readonly [string, string] => [path.replace(/^.*\/|\.xml$/g, ''), text],
);

describe('the fixtures', () => {
  it('are two dozen and more', () => expect(fixtures.length).toBeGreaterThan(24));

  it.each(fixtures)('%s comes back byte for byte', (_, text) => expect(DomainXml.parse(text).text()).toBe(text));
});

describe('an edit', () => {
  const small = "<domain type='kvm'>\n  <name>a</name>\n  <vcpu>4</vcpu>\n  <devices/>\n</domain>\n";

  it('adds what is missing in the order and indentation of libvirt', () => {
    const xml = DomainXml.parse(small);
    xml.add(['cputune', 'vcpupin'], { vcpu: '2', cpuset: '7' }, 'vcpu');
    xml.add(['cputune', 'vcpupin'], { vcpu: '10', cpuset: '8' }, 'vcpu');
    xml.add(['cputune', 'vcpupin'], { vcpu: '1', cpuset: '6' }, 'vcpu');
    xml.ensure('cputune', 'emulatorpin').setAttribute('cpuset', '0-1');
    xml.ensure('cputune', 'shares').setText('512');
    expect(xml.text()).toBe(small.replace('  <devices/>', `  <cputune>
    <shares>512</shares>
    <vcpupin vcpu='1' cpuset='6'/>
    <vcpupin vcpu='2' cpuset='7'/>
    <vcpupin vcpu='10' cpuset='8'/>
    <emulatorpin cpuset='0-1'/>
  </cputune>
  <devices/>`));
  });

  it('removes an element with its line, and its parent when that is left empty', () => {
    const xml = DomainXml.parse(small);
    xml.ensure('cputune', 'shares').setText('512');
    xml.remove(['cputune', 'shares']);
    expect(xml.text()).toBe(small);
  });

  it('keeps a parent that still holds a comment', () => {
    const text = "<domain>\n  <cputune>\n    <!-- mine -->\n    <shares>5</shares>\n  </cputune>\n</domain>";
    const xml = DomainXml.parse(text);
    xml.remove(['cputune', 'shares']);
    expect(xml.text()).toBe("<domain>\n  <cputune>\n    <!-- mine -->\n  </cputune>\n</domain>");
  });

  it('keeps the quotes and spacing of an attribute that stands there', () => {
    const xml = DomainXml.parse('<domain><vcpu  cpuset = "1"\n placement=\'static\'>2</vcpu></domain>');
    xml.element('vcpu')?.setAttribute('cpuset', '2"3');
    expect(xml.text()).toBe('<domain><vcpu  cpuset = "2&quot;3"\n placement=\'static\'>2</vcpu></domain>');
  });

  it('of a clone leaves the original alone', () => {
    const xml = DomainXml.parse(small);
    xml.clone().ensure('cputune', 'shares').setText('1');
    expect(xml.text()).toBe(small);
  });

  it('writes any text so that it reads back, and a second parser agrees', () => {
    fc.assert(fc.property(fc.string({ unit: 'grapheme' }).filter((value) => !/(?![\t\n\r\u{7F}-\u{9F}])[\p{Cc}\p{Cs}\u{FFFE}\u{FFFF}]/u.test(value)), (value) => {
      const xml = DomainXml.parse(small);
      xml.ensure('title').setText(value);
      xml.ensure('vcpu').setAttribute('note', value);
      const again = DomainXml.parse(xml.text());
      expect(again.textOf('title')).toBe(value.trim());
      expect(again.element('vcpu')?.attribute('note')).toBe(value);
      // By itself it ends lines as XML 1.1 does, also at U+0085 and U+2028; libvirt reads XML 1.0.
      const other = new DOMParser({ normalizeLineEndings: (text) => text.replaceAll(/\r\n?/g, '\n') }).parseFromString(xml.text(), 'text/xml');
      expect(other.getElementsByTagName('vcpu')[0]?.getAttribute('note')).toBe(value);
    }), { examples: [['\u2028'], ['a\u0085\r\n\u2029b']] });
  });
});

describe('reading', () => {
  it('understands entities, CDATA and references as the text they stand for', () => {
    const xml = DomainXml.parse('<domain><title> a&amp;b<![CDATA[<c>]]>&#x263A;&#9;d<!-- no --> </title><vcpu note="x\ny&#10;z"/></domain>');
    expect([xml.textOf('title'), xml.element('vcpu')?.attribute('note')]).toEqual(['a&b<c>\u{263A}\td', 'x y\nz']);
  });

  it.each([
    ['nothing', '', 1, 1],
    ['a document type', '<!DOCTYPE domain [<!ENTITY a "b">]>\n<domain/>', 1, 1],
    ['an entity bomb inside', '<domain>\n  &lol;</domain>', 2, 3],
    ['another root', '<?xml version="1.0"?>\n<network/>', 2, 1],
    ['crossed tags', '<domain>\n<a><b></a></b></domain>', 2, 7],
    ['an open element', '<domain>\n<a>', 2, 4],
    ['an attribute twice', "<domain a='1'\n b='2' a='3'/>", 2, 8],
    ['a bare ampersand', '<domain>a & b</domain>', 1, 11],
    ['a bare attribute', '<domain a=1/>', 1, 11],
    ['a < in an attribute', "<domain a='1<2'/>", 1, 13],
    ['no space between attributes', "<domain a='1'b='2'/>", 1, 14],
    ['text after the end', '<domain/>\nmore', 2, 1],
    ['two roots', '<domain/><domain/>', 1, 10],
    ['a double hyphen in a comment', '<domain><!-- a -- b --></domain>', 1, 9],
    ['a reference to a forbidden character', '<domain>&#0;</domain>', 1, 9],
    ['a control character', '<domain>\n\u{1}</domain>', 2, 1],
    ['an unfinished CDATA section', '<domain><![CDATA[ ]] ></domain>', 1, 9],
    ['the end of CDATA outside of it', '<domain>x]]></domain>', 1, 10],
    ['a late XML declaration', "<domain>\n<?xml version='1.0'?></domain>", 2, 1],
    ['a number for a name', '<domain><1/></domain>', 1, 10],
  ])('refuses %s and says where', (_, text, line, column) => {
    let caught: unknown;
    try {
      DomainXml.parse(text);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(XmlError);
    expect(caught).toMatchObject({ line, column });
  });

  it('refuses what is nested deeper than 256 elements', () => {
    const nested = (depth: number): string => `<domain>${'<a>'.repeat(depth - 1)}${'</a>'.repeat(depth - 1)}</domain>`;
    expect(DomainXml.parse(nested(256)).text()).toBe(nested(256));
    expect(() => DomainXml.parse(nested(257))).toThrow(/nested deeper than 256/);
  });

  it('of any damaged fixture ends in the same text or in an XmlError', () => {
    const texts = fixtures.map(([, text]) => text);
    fc.assert(fc.property(fc.constantFrom(...texts), fc.nat(), fc.nat(20), fc.constantFrom('', '<', '>', '&', "'", '/', '\u{0}', ']]>', '<!--'), (text, at, cut, put) => {
      const begin = at % text.length;
      const damaged = text.slice(0, begin) + put + text.slice(begin + cut);
      try {
        expect(DomainXml.parse(damaged).text()).toBe(damaged);
      } catch (error) {
        expect(error).toBeInstanceOf(XmlError);
      }
    }), { numRuns: 500 });
  });
});
