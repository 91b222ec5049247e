//! `cargo xtask count`: how the sources of a folder read, in numbers that can be compared with other projects.
//!
//! Code of tests is left out: items under `#[cfg(test)]` with the files that they name, `tests.rs`, and the folders
//! `tests`, `benches` and `examples`. Lines that are blank count nowhere.

use std::collections::BTreeSet;
use std::fs;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use proc_macro2::{Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Runs `cargo xtask count FOLDER...`.
pub fn run(parser: &mut lexopt::Parser) -> Result<ExitCode> {
    let mut folders = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            lexopt::Arg::Value(folder) => folders.push(PathBuf::from(folder)),
            lexopt::Arg::Long("help") => {
                println!("{USAGE}");
                return Ok(ExitCode::SUCCESS);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if folders.is_empty() {
        bail!("no folder is named\n\n{USAGE}");
    }
    println!("{HEAD}");
    for folder in folders {
        println!("{}", Counts::of_folder(&folder)?.row(&folder));
    }
    Ok(ExitCode::SUCCESS)
}

/// What is counted of a file or of all files of a folder.
#[derive(Debug, Default)]
struct Counts {
    /// Lines of each file.
    files: Vec<usize>,
    docs: usize,
    comments: usize,
    /// Blocks, functions and implementations.
    unsafes: usize,
    unwraps: usize,
    /// Lines of each function.
    functions: Vec<usize>,
    /// How deep branches and loops stand in each other, in each function.
    nesting: Vec<usize>,
    closures: usize,
    /// Those that a `let` gives a name.
    named_closures: usize,
    public: usize,
    /// `pub(crate)` and the like.
    restricted: usize,
}

impl Counts {
    fn of_folder(folder: &Path) -> Result<Self> {
        let mut texts = Vec::new();
        read(folder, &mut texts)?;
        texts.sort();
        let mut total = Self::default();
        let mut tests = BTreeSet::new();
        let mut counted = Vec::new();
        for (path, text) in &texts {
            let (counts, modules) =
                Self::of_text(text).with_context(|| path.display().to_string())?;
            tests.extend(modules.iter().flat_map(|name| places(path, name)));
            counted.push((path, counts));
        }
        for (path, counts) in counted {
            // A folder of a module that is for tests belongs to it.
            if !path.ancestors().any(|place| tests.contains(place)) {
                total.add(counts);
            }
        }
        Ok(total)
    }

    /// What one file has, and the names of its modules that are for tests and stand in other files.
    fn of_text(text: &str) -> Result<(Self, Vec<String>)> {
        let file = syn::parse_file(text).map_err(|error| {
            let at = error.span().start();
            anyhow::anyhow!("line {}: {error}", at.line)
        })?;
        let lines: Vec<&str> = text.lines().collect();
        let mut reader = Reader {
            lines: &lines,
            counts: Self::default(),
            depth: 0,
            deepest: 0,
            tests: Vec::new(),
            test_modules: Vec::new(),
        };
        reader.visit_file(&file);
        let Reader {
            mut counts,
            tests,
            test_modules,
            ..
        } = reader;
        let mut marks = Marks::default();
        marks.read(
            text.parse().map_err(|error| anyhow::anyhow!("{error}"))?,
            &lines,
        );
        let mut total = 0;
        for (index, line) in lines.iter().enumerate() {
            let number = index + 1;
            if line.trim().is_empty() || tests.iter().any(|range| range.contains(&number)) {
                continue;
            }
            total += 1;
            if marks.docs.contains(&number) {
                counts.docs += 1;
            } else if !marks.code.contains(&number) {
                counts.comments += 1;
            }
        }
        counts.files.push(total);
        Ok((counts, test_modules))
    }

    fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.docs += other.docs;
        self.comments += other.comments;
        self.unsafes += other.unsafes;
        self.unwraps += other.unwraps;
        self.functions.extend(other.functions);
        self.nesting.extend(other.nesting);
        self.closures += other.closures;
        self.named_closures += other.named_closures;
        self.public += other.public;
        self.restricted += other.restricted;
    }

    /// A row of the table below [`HEAD`].
    fn row(mut self, folder: &Path) -> String {
        self.files.sort_unstable();
        self.functions.sort_unstable();
        let lines: usize = self.files.iter().sum();
        let thousands = lines as f64 / 1000.0;
        let per_thousand = |count: usize| count as f64 / thousands;
        let percent = |count: usize| count as f64 * 100.0 / lines as f64;
        format!(
            "| {} | {} | {thousands:.1} | {} / {} | {:.1} | {:.1} | {:.1} | {:.1} | {:.1} / {} | {} | {:.2} | {:.1} | \
             {:.1} | {} + {} |",
            folder.display(),
            self.files.len(),
            part(&self.files, 0.5),
            part(&self.files, 1.0),
            percent(self.docs),
            percent(self.comments),
            per_thousand(self.unsafes),
            per_thousand(self.unwraps),
            mean(&self.functions),
            part(&self.functions, 0.99),
            self.functions.iter().filter(|lines| **lines > 100).count(),
            mean(&self.nesting),
            per_thousand(self.closures),
            per_thousand(self.named_closures),
            self.public,
            self.restricted,
        )
    }
}

/// Reads the files below a folder that are not for tests by their place.
fn read(folder: &Path, texts: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            if !["tests", "benches", "examples", "target"].contains(&name.as_ref()) {
                read(&path, texts)?;
            }
        } else if path.extension() == Some("rs".as_ref()) && name != "tests.rs" {
            let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
            texts.push((path, text));
        }
    }
    Ok(())
}

/// Where a file's module of that name stands: as a file or as a folder.
fn places(file: &Path, module: &str) -> [PathBuf; 2] {
    let folder = file.parent().unwrap_or(Path::new(""));
    let stem = file.file_stem().unwrap_or_default();
    let below = if ["mod", "lib", "main"].iter().any(|root| stem == *root) {
        folder.to_path_buf()
    } else {
        folder.join(stem)
    };
    [below.join(format!("{module}.rs")), below.join(module)]
}

/// The number below which that part of the sorted numbers lies.
fn part(sorted: &[usize], part: f64) -> usize {
    let last = sorted.len().saturating_sub(1);
    let at = (last as f64 * part).round() as usize;
    sorted.get(at).copied().unwrap_or_default()
}

fn mean(numbers: &[usize]) -> f64 {
    numbers.iter().sum::<usize>() as f64 / numbers.len().max(1) as f64
}

fn range(span: Span) -> RangeInclusive<usize> {
    span.start().line..=span.end().line
}

/// Walks through the items of a file that are not for tests.
struct Reader<'a> {
    lines: &'a [&'a str],
    counts: Counts,
    /// Branches and loops around, in the present function.
    depth: usize,
    deepest: usize,
    /// Lines of tests.
    tests: Vec<RangeInclusive<usize>>,
    test_modules: Vec<String>,
}

impl Reader<'_> {
    fn function(&mut self, span: Span, sig: &syn::Signature, walk: impl FnOnce(&mut Self)) {
        let is_filled = |number: &usize| {
            let line = self.lines.get(number - 1);
            line.is_some_and(|line| !line.trim().is_empty())
        };
        let lines = range(span).filter(is_filled).count();
        self.counts.functions.push(lines);
        if matches!(sig.safety, syn::Safety::Unsafe(_)) {
            self.counts.unsafes += 1;
        }
        let around = (self.depth, self.deepest);
        (self.depth, self.deepest) = (0, 0);
        walk(self);
        self.counts.nesting.push(self.deepest);
        (self.depth, self.deepest) = around;
    }

    fn deeper(&mut self, walk: impl FnOnce(&mut Self)) {
        self.depth += 1;
        self.deepest = self.deepest.max(self.depth);
        walk(self);
        self.depth -= 1;
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !is_for_tests(attributes_of_item(item)) {
            return visit::visit_item(self, item);
        }
        self.tests.push(range(item.span()));
        if let syn::Item::Mod(module) = item
            && module.content.is_none()
        {
            self.test_modules.push(module.ident.to_string());
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if is_for_tests(&item.attrs) {
            self.tests.push(range(item.span()));
            return;
        }
        let span = item.sig.span().join(item.block.span());
        self.function(span.unwrap_or(item.block.span()), &item.sig, |reader| {
            visit::visit_impl_item_fn(reader, item);
        });
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        let span = item.sig.span().join(item.block.span());
        self.function(span.unwrap_or(item.block.span()), &item.sig, |reader| {
            visit::visit_item_fn(reader, item);
        });
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        if item.default.is_some() {
            self.function(item.span(), &item.sig, |reader| {
                visit::visit_trait_item_fn(reader, item);
            });
        }
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        self.counts.unsafes += usize::from(item.unsafety.is_some());
        visit::visit_item_impl(self, item);
    }

    fn visit_field(&mut self, _: &'ast syn::Field) {
        // Their visibility is that of items no more.
    }

    fn visit_visibility(&mut self, visibility: &'ast syn::Visibility) {
        match visibility {
            syn::Visibility::Public(_) => self.counts.public += 1,
            syn::Visibility::Restricted(_) => self.counts.restricted += 1,
            syn::Visibility::Inherited => {}
        }
    }

    fn visit_expr_unsafe(&mut self, expression: &'ast syn::ExprUnsafe) {
        self.counts.unsafes += 1;
        visit::visit_expr_unsafe(self, expression);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        if ["unwrap", "expect"].iter().any(|name| call.method == name) {
            self.counts.unwraps += 1;
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_expr_closure(&mut self, closure: &'ast syn::ExprClosure) {
        self.counts.closures += 1;
        self.deeper(|reader| visit::visit_expr_closure(reader, closure));
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let value = local.init.as_ref().map(|init| &*init.expr);
        if matches!(value, Some(syn::Expr::Closure(_))) {
            self.counts.named_closures += 1;
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_if(&mut self, expression: &'ast syn::ExprIf) {
        self.deeper(|reader| {
            reader.visit_expr(&expression.cond);
            reader.visit_block(&expression.then_branch);
        });
        match &expression.else_branch {
            // `else if` stands beside, not inside.
            Some((_, other)) if matches!(**other, syn::Expr::If(_)) => self.visit_expr(other),
            Some((_, other)) => self.deeper(|reader| reader.visit_expr(other)),
            None => {}
        }
    }

    fn visit_expr_match(&mut self, expression: &'ast syn::ExprMatch) {
        self.deeper(|reader| visit::visit_expr_match(reader, expression));
    }

    fn visit_expr_while(&mut self, expression: &'ast syn::ExprWhile) {
        self.deeper(|reader| visit::visit_expr_while(reader, expression));
    }

    fn visit_expr_for_loop(&mut self, expression: &'ast syn::ExprForLoop) {
        self.deeper(|reader| visit::visit_expr_for_loop(reader, expression));
    }

    fn visit_expr_loop(&mut self, expression: &'ast syn::ExprLoop) {
        self.deeper(|reader| visit::visit_expr_loop(reader, expression));
    }
}

fn attributes_of_item(item: &syn::Item) -> &[syn::Attribute] {
    match item {
        syn::Item::Const(item) => &item.attrs,
        syn::Item::Enum(item) => &item.attrs,
        syn::Item::Fn(item) => &item.attrs,
        syn::Item::Impl(item) => &item.attrs,
        syn::Item::Macro(item) => &item.attrs,
        syn::Item::Mod(item) => &item.attrs,
        syn::Item::Static(item) => &item.attrs,
        syn::Item::Struct(item) => &item.attrs,
        syn::Item::Trait(item) => &item.attrs,
        syn::Item::Type(item) => &item.attrs,
        syn::Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// Whether an attribute says `cfg(test)` or `cfg(all(test, …))`.
fn is_for_tests(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else {
            return false;
        };
        let text: String = list.tokens.to_string().split_whitespace().collect();
        list.path.is_ident("cfg") && (text == "test" || text.starts_with("all(test"))
    })
}

/// What the lines of a file hold, by its tokens.
#[derive(Debug, Default)]
struct Marks {
    code: BTreeSet<usize>,
    docs: BTreeSet<usize>,
}

impl Marks {
    fn read(&mut self, tokens: TokenStream, lines: &[&str]) {
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            let span = token.span();
            match token {
                TokenTree::Group(group) => {
                    self.code.extend(range(group.span_open()));
                    self.code.extend(range(group.span_close()));
                    self.read(group.stream(), lines);
                }
                // A documentation comment is `#[doc = "…"]` or `#![doc = "…"]` to the compiler, each token with the
                // place of the whole comment.
                TokenTree::Punct(sign) if sign.as_char() == '#' && is_comment(span, lines) => {
                    self.docs.extend(range(span));
                    while tokens
                        .next_if(|next| next.span().start() == span.start())
                        .is_some()
                    {}
                }
                _ => self.code.extend(range(span)),
            }
        }
    }
}

/// Whether the text at that place begins a comment.
fn is_comment(span: Span, lines: &[&str]) -> bool {
    let start = span.start();
    let line = lines.get(start.line - 1).copied().unwrap_or_default();
    let rest: String = line.chars().skip(start.column).take(2).collect();
    rest == "//" || rest == "/*"
}

const HEAD: &str = "\
| Folder | files | kl | median / largest | docs % | comments % | unsafe/kl | unwrap/kl | fn mean / p99 | fns > 100 | \
nesting mean | closures/kl | named closures/kl | pub + restricted |
|---|---|---|---|---|---|---|---|---|---|---|---|---|---|";

const USAGE: &str = "\
cargo xtask count FOLDER...: a table of how the Rust sources in each folder read, without their tests

Lines are those that are not blank, kl is a thousand of them. A function's length includes its signature; nesting is how
deep branches and loops stand in each other; unwrap counts calls of `unwrap` and `expect`.";

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Counts {
        Counts::of_text(text).expect("valid Rust").0
    }

    #[test]
    fn lines_are_code_documentation_or_comments() {
        let counts = counts(
            "//! A module.\n\n/// A function\n/// of two lines.\nfn f() {\n    // Why.\n    g(\"// no comment\"); \
             // beside\n    /* a\n       block */\n}\n/** In\n    a block. */\nstruct S;\n",
        );
        assert_eq!(counts.files, [12]);
        assert_eq!((counts.docs, counts.comments), (5, 3));
    }

    #[test]
    fn tests_count_nowhere() {
        let (counts, modules) = Counts::of_text(
            "fn f() {}\n#[cfg(test)]\nmod tests;\n#[cfg(all(test, unix))]\nmod more {\n    fn g() { h().unwrap() }\n}\n\
             impl S {\n    #[cfg(test)]\n    fn only_there() {}\n}\n",
        )
        .expect("valid Rust");
        assert_eq!(counts.files, [3]);
        assert_eq!(counts.functions, [1]);
        assert_eq!(counts.unwraps, 0);
        assert_eq!(modules, ["tests"]);
    }

    #[test]
    fn the_files_of_a_module_for_tests_are_found_beside_or_below() {
        assert_eq!(
            places(Path::new("src/a.rs"), "samples"),
            ["src/a/samples.rs", "src/a/samples"].map(PathBuf::from)
        );
        assert_eq!(
            places(Path::new("src/a/mod.rs"), "samples"),
            ["src/a/samples.rs", "src/a/samples"].map(PathBuf::from)
        );
    }

    #[test]
    fn branches_and_loops_nest_and_else_if_does_not() {
        let counts = counts(
            "fn flat() { g(); }\nfn one() { if a { b } else if c { d } else { e } }\n\
             fn two() { for x in y { match x { _ => {} } } }\n",
        );
        assert_eq!(counts.nesting, [0, 1, 2]);
    }

    #[test]
    fn closures_unsafe_code_unwraps_and_visibility_are_counted() {
        let counts = counts(
            "pub struct S { pub field: u8 }\npub(crate) const C: u8 = 1;\nunsafe impl Send for S {}\n\
             impl S {\n    pub unsafe fn f(&self) { unsafe { g() } }\n}\n\
             fn h() {\n    let named = |x| x;\n    k(|| named(1)).unwrap().expect(\"why\");\n}\n",
        );
        assert_eq!((counts.closures, counts.named_closures), (2, 1));
        assert_eq!((counts.unsafes, counts.unwraps), (3, 2));
        assert_eq!((counts.public, counts.restricted), (2, 1));
        assert_eq!(counts.functions, [1, 4]);
    }

    #[test]
    fn a_part_of_sorted_numbers_is_the_number_at_its_place() {
        let numbers: Vec<usize> = (1..=101).collect();
        assert_eq!((part(&numbers, 0.5), part(&numbers, 0.99)), (51, 100));
        assert_eq!(part(&[], 0.5), 0);
    }
}
