// Holds the finding of Debian's mirrors to what apt answers on different machines.
import { describe, expect, it } from 'vitest';
import { sourceLines } from './sources.ts';

describe('the sources of the virtual host', () => {
  it('are the Debian mirrors of the machine, once each, and nothing of other vendors', () => {
    expect(sourceLines(`http://mirror.example/debian/ bookworm main Debian
http://mirror.example/debian/ bookworm main Debian
http://mirror.example/debian/ bookworm contrib Debian
http://mirror.example/debian/ bookworm-updates main Debian
http://mirror.example/debian-security/ bookworm-security main Debian
http://mirror.example/debian/ bookworm-backports main Debian Backports
https://vendor.example/linux/debian/ bookworm main Vendor
https://vendor.example/node/ nodistro main Vendor
`)).toEqual([
      'deb http://mirror.example/debian/ bookworm main',
      'deb http://mirror.example/debian/ bookworm-updates main',
      'deb http://mirror.example/debian-security/ bookworm-security main',
    ]);
  });

  it('are of the host\'s release when the machine runs another', () => {
    expect(sourceLines('http://mirror.example/x/ trixie main Debian\nhttp://mirror.example/y/ stable-security main Debian'))
      .toEqual(['deb http://mirror.example/x/ bookworm main', 'deb http://mirror.example/y/ bookworm-security main']);
  });

  it('are known by their path before apt has fetched any list', () => {
    expect(sourceLines('http://frozen.example/archive/debian/20250520T000000Z/ bookworm main $(ORIGIN)\nhttp://vendor.example/apt/ bookworm main $(ORIGIN)'))
      .toEqual(['deb http://frozen.example/archive/debian/20250520T000000Z/ bookworm main']);
  });

  it('are missed in words where there are none', () => {
    expect(() => sourceLines('http://archive.example/ubuntu/ noble main Ubuntu')).toThrow('knows no Debian mirror');
  });
});
