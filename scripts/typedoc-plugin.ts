/** For typedoc: all that a function throws under one heading; the usual call of a function before that of several outputs by name; no `[Symbol.hasInstance]`, which says of every class what `instanceof` says. */
import type { Application, DeclarationReflection, Reflection, SignatureReflection } from "typedoc";

export function load(app: Application): void {
  app.converter.on("resolveBegin", ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.name === "[hasInstance]") project.removeReflection(reflection);
      else joinThrows(reflection);
      (reflection as DeclarationReflection).signatures?.sort((a, b) => Number(isByName(a)) - Number(isByName(b)));
    }
  });
}

function joinThrows({ comment }: Reflection): void {
  const [first, ...others] = comment?.getTags("@throws") ?? [];
  if (!comment || !first) return;
  first.content = [first, ...others].flatMap(({ content }) => [{ kind: "text", text: "\n- " } as const, ...content]);
  comment.blockTags = comment.blockTags.filter((tag) => !others.includes(tag));
}

/** Such an overload has to be declared first, as the narrower one; to read, it is the rarer. Told by what is given back: a model is either's. */
const isByName = ({ type }: SignatureReflection): boolean => /ByName/.test(String(type));
