/** A formula: _{…} is set below the line, ^{…} above it. */
export function Formula({ text }: { text: string }) {
  const parts = text.split(/([_^]\{[^}]*\})/);
  return (
    <>
      {parts.map((part) => {
        if (part.startsWith("_{")) return <sub>{part.slice(2, -1)}</sub>;
        if (part.startsWith("^{")) return <sup>{part.slice(2, -1)}</sup>;
        return part;
      })}
    </>
  );
}
