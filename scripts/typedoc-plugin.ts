/** For typedoc: all that a function throws under one heading; no `[Symbol.hasInstance]`, which says of every class what `instanceof` says. */
import type { Application, Reflection } from "typedoc";

export function load(app: Application): void {
  app.converter.on("resolveBegin", ({ project }) => {
    for (const reflection of Object.values(project.reflections)) {
      if (reflection.name === "[hasInstance]") project.removeReflection(reflection);
      else joinThrows(reflection);
    }
  });
}

function joinThrows({ comment }: Reflection): void {
  const [first, ...others] = comment?.getTags("@throws") ?? [];
  if (!comment || !first) return;
  first.content = [first, ...others].flatMap(({ content }) => [{ kind: "text", text: "\n- " } as const, ...content]);
  comment.blockTags = comment.blockTags.filter((tag) => !others.includes(tag));
}
