// Guests that are one boot sector: there within a second, for consoles that need something to look at and somebody who answers.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabDaemon } from './state.ts';
import { virsh } from './witness.ts';

/** Machine code for a PC in real mode, loaded at 7c00: bytes, and what they say. */
type Program = string;

/**
 * What is typed, or comes in on the serial line, is written on the screen and on the serial line. `{` begins a flood on the line: the 95 printable
 * characters and an end of line, again and again; `}` ends it, with an end of transmission (04) and how many bytes there were,
 * eight digits to the base of 16 from a to p.
 */
export const typewriter: Program = `
  31 c0            ; xor ax, ax
  8e d0            ; mov ss, ax
  bc 00 7c         ; mov sp, 7c00
  b8 03 00         ; mov ax, 3            text, 80 × 25
  cd 10            ; int 10
  fb               ; sti
  31 ed            ; xor bp, bp           no flood
  ba fd 03         ; next: mov dx, 3fd    has anything come in?
  ec               ; in al, dx
  a8 01            ; test al, 1
  74 34            ; jz keys
  b2 f8            ; mov dl, f8
  ec               ; in al, dx
  3c 7b            ; cmp al, '{'
  74 09            ; je begin
  3c 7d            ; cmp al, '}'
  74 0d            ; je end
  e8 52 00         ; call show
  eb e8            ; jmp next
  66 31 ff         ; begin: xor edi, edi  bytes of the flood
  b1 20            ; mov cl, ' '          the next of them
  45               ; inc bp
  eb e0            ; jmp next
  31 ed            ; end: xor bp, bp
  b0 04            ; mov al, EOT
  e8 53 00         ; call send
  be 08 00         ; mov si, 8
  66 c1 c7 04      ; digit: rol edi, 4
  89 f8            ; mov ax, di
  24 0f            ; and al, f
  04 61            ; add al, 'a'
  e8 43 00         ; call send
  4e               ; dec si
  75 f0            ; jnz digit
  eb c4            ; jmp next
  85 ed            ; keys: test bp, bp
  75 12            ; jnz flood
  b4 01            ; mov ah, 1            is a key pressed?
  cd 16            ; int 16
  74 09            ; jz idle
  b4 00            ; mov ah, 0
  cd 16            ; int 16
  e8 1b 00         ; call show
  eb b1            ; jmp next
  f4               ; idle: hlt            until a key or the timer, 18 times a second
  eb ae            ; jmp next
  66 47            ; flood: inc edi
  88 c8            ; mov al, cl
  41               ; inc cx
  3c 7f            ; cmp al, 7f           all printable ones said
  72 08            ; jb plain
  b0 0d            ; mov al, CR
  74 04            ; je plain
  b1 20            ; mov cl, ' '
  b0 0a            ; mov al, LF
  e8 14 00         ; plain: call send
  eb 98            ; jmp next
  b4 0e            ; show: mov ah, e      on the screen
  bb 07 00         ; mov bx, 7
  cd 10            ; int 10
  e8 08 00         ; call send
  3c 0d            ; cmp al, CR
  75 11            ; jne done
  b0 0a            ; mov al, LF
  eb ee            ; jmp show
  50               ; send: push ax
  ba fd 03         ; mov dx, 3fd
  ec               ; wait: in al, dx      until the line takes another
  a8 20            ; test al, 20
  74 fb            ; jz wait
  58               ; pop ax
  b2 f8            ; mov dl, f8
  ee               ; out dx, al
  c3               ; done: ret
`;

/** 1920 × 1080 pixels of 32 bits: a quarter of the picture, in the middle, gets other colours 18 times a second, the uppermost 8 lines with every key. */
export const movingPicture: Program = `
  31 c0            ; xor ax, ax
  8e d8            ; mov ds, ax
  8e d0            ; mov ss, ax
  bc 00 7c         ; mov sp, 7c00
  be 7d 7c         ; mov si, registers
  b9 05 00         ; mov cx, 5
  ba ce 01         ; mode: mov dx, 1ce    number of a register, then its value
  ad               ; lodsw
  ef               ; out dx, ax
  42               ; inc dx
  ad               ; lodsw
  ef               ; out dx, ax
  e2 f6            ; loop mode
  68 00 a0         ; push a000            where 64 KiB of the picture are seen
  07               ; pop es
  fc               ; cld
  fb               ; sti
  66 31 db         ; xor ebx, ebx
  b4 01            ; next: mov ah, 1      is a key pressed?
  cd 16            ; int 16
  74 15            ; jz picture
  b4 00            ; mov ah, 0
  cd 16            ; int 16
  66 81 c3 56 34 12 00 ; add ebx, 123456
  66 89 d8         ; mov eax, ebx
  31 f6            ; xor si, si
  e8 2a 00         ; call fill
  eb e5            ; jmp next
  66 a1 6c 04      ; picture: mov eax, [46c]   ticks of the timer
  39 c5            ; cmp bp, ax
  74 1d            ; je idle
  89 c5            ; mov bp, ax
  66 69 c0 03 05 01 00 ; imul eax, eax, 10503
  be 48 00         ; mov si, 72
  4e               ; band: dec si
  66 05 01 02 03 00 ; add eax, 30201
  e8 0a 00         ; call fill
  83 fe 28         ; cmp si, 40
  77 f1            ; ja band
  eb c0            ; jmp next
  f4               ; idle: hlt
  eb bd            ; jmp next
  66 50            ; fill: push eax       64 KiB number si of the picture with this colour
  ba ce 01         ; mov dx, 1ce
  b8 05 00         ; mov ax, 5
  ef               ; out dx, ax
  42               ; inc dx
  89 f0            ; mov ax, si
  ef               ; out dx, ax
  66 58            ; pop eax
  31 ff            ; xor di, di
  b9 00 40         ; mov cx, 4000
  66 f3 ab         ; rep stosd
  c3               ; ret
  04 00 00 00      ; registers: off
  01 00 80 07      ; width 1920
  02 00 38 04      ; height 1080
  03 00 20 00      ; 32 bits
  04 00 01 00      ; on, in pieces of 64 KiB
`;

/** The sector that a BIOS starts. */
const sectorOf = (program: Program): Buffer => {
  const code = Buffer.from(program.replaceAll(/;.*$/gm, '').replaceAll(/\s/g, ''), 'hex');
  const sector = Buffer.alloc(512);
  code.copy(sector);
  sector.set([0x55, 0xaa], 510);
  return sector;
};

/** What a guest shows itself by, unless told otherwise. */
const usualGraphics = "<graphics type='vnc' port='-1' autoport='yes' listen='127.0.0.1'/>";

/** Defines such a guest and starts it; answers its UUID. It has one display and one serial line. */
export async function startTinyGuest(lab: LabDaemon, name: string, program: Program, graphics = usualGraphics): Promise<string> {
  const folder = join(lab.dir, 'images', 'tiny');
  await mkdir(folder, { recursive: true });
  const file = (ending: string): string => join(folder, `${name}.${ending}`);
  await Promise.all([
    writeFile(file('img'), sectorOf(program)),
    writeFile(file('xml'), `<domain type='qemu'><name>${name}</name><memory unit='MiB'>32</memory><vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os>
      <devices><disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='${file('img')}'/><target dev='hda' bus='ide'/></disk>
      <controller type='usb' model='none'/><memballoon model='none'/><serial type='pty'/>${graphics}<video><model type='vga' vram='16384'/></video></devices></domain>`),
  ]);
  await virsh(lab, 'define', file('xml'));
  await virsh(lab, 'start', name);
  return (await virsh(lab, 'domuuid', name)).trim();
}
