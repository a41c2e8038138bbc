// Draws icon.svg in every size that desktops ask for: icons/*.png, icon.ico (Windows, browsers), icon.icns (macOS). `node assets/make-icons.mjs`.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { chromium } from 'playwright';

const here = new URL('.', import.meta.url);
const svg = await readFile(new URL('icon.svg', here), 'utf8');

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
const page = await browser.newPage();
await page.setContent(`<style>html,body{margin:0}svg{display:block;width:100vw;height:100vh}</style>${svg}`);
const draw = async (size) => {
  await page.setViewportSize({ width: size, height: size });
  return page.screenshot({ omitBackground: true });
};
const png = new Map();
for (const size of [16, 32, 48, 64, 128, 256, 512, 1024]) png.set(size, await draw(size));
await browser.close();

await mkdir(new URL('icons/', here), { recursive: true });
for (const [size, bytes] of png) if (size <= 512) await writeFile(new URL(`icons/${size}x${size}.png`, here), bytes);

/** ICO: a header of 6 bytes, 16 for each picture (0 stands for 256), then the pictures as PNG. */
const ico = (sizes) => {
  const head = Buffer.alloc(6 + 16 * sizes.length);
  head.writeUInt16LE(1, 2);
  head.writeUInt16LE(sizes.length, 4);
  let offset = head.length;
  for (const [index, size] of sizes.entries()) {
    const at = 6 + 16 * index;
    head.writeUInt8(size % 256, at);
    head.writeUInt8(size % 256, at + 1);
    head.writeUInt16LE(1, at + 4);
    head.writeUInt16LE(32, at + 6);
    head.writeUInt32LE(png.get(size).length, at + 8);
    head.writeUInt32LE(offset, at + 12);
    offset += png.get(size).length;
  }
  return Buffer.concat([head, ...sizes.map((size) => png.get(size))]);
};

/** ICNS: 'icns' and the whole length, then for each picture its four-letter type, its length with these 8 bytes, and the PNG. */
const icns = (pictures) => {
  const chunk = (type, bytes) => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(bytes.length + 8, 4);
    return Buffer.concat([head, bytes]);
  };
  return chunk('icns', Buffer.concat(pictures.map(([type, size]) => chunk(type, png.get(size)))));
};

await writeFile(new URL('icon.ico', here), ico([16, 32, 48, 256]));
await writeFile(new URL('icon.icns', here), icns([['icp4', 16], ['icp5', 32], ['icp6', 64], ['ic07', 128], ['ic08', 256], ['ic09', 512], ['ic10', 1024]]));
