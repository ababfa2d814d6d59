export function Logo({ size = 28 }: { size?: number }) {
  return <img src="/marquee.svg" width={size} height={size} alt="" style={{ display: 'block' }} />;
}
