#!/bin/sh
# Runs as the first process of a daemon's own mount namespace: hides the machine's libvirt behind the folder given, says ready, and stays.
set -eu
dir=$1
mount --make-rprivate /
for place in /var/lib/libvirt /var/cache/libvirt /var/log/libvirt /etc/libvirt /etc/sasl2; do
  mount --bind "$dir/root$place" "$place"
done
for file in passwd shadow group; do
  mount --bind "$dir/root/etc/$file" "/etc/$file"
done
# Device information stays; the system bus does not, or libvirtd would register its guests with the machine's systemd.
udev=
if [ -d /run/udev ]; then
  udev=$dir/udev
  mkdir -p "$udev"
  mount --bind /run/udev "$udev"
fi
mount -t tmpfs -o mode=755 "guestdeck-lab:$dir" /run
mkdir /run/libvirt /run/sshd /run/lock
mount --bind "$dir/run" /run/libvirt
if [ -n "$udev" ]; then
  mkdir /run/udev
  mount --bind "$udev" /run/udev
fi
echo ready >"$dir/ready"
exec sleep infinity
