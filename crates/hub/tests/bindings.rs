//! The desktop's TypeScript types are those of the API: `ui/src/lib/backend/bindings.ts` is
//! rendered here, and the build fails where the committed file says something else.

use std::any::TypeId;
use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};

use causeway_hub::api::{
    AskAgain, Backup, BeginServiceSignIn, BeginSlackInstall, CancelServiceSignIn, ChangeMode,
    CheckAddress, ConnectSlack, ConnectTeams, ConnectWebex, ConnectZoom, CountPeople,
    DecideSuggestion, Disconnect, DismissNotice, FinishServiceSignIn, GetAddress, GetDelivery,
    GetJob, GetNeeds, GetPerson, GetPolicy, GetPreflight, GetRestore, GetServiceSignIn,
    GetSlackManifest, GetStats, GetStatus, HubError, ImportPeople, ListActivity, ListCapabilities,
    ListConnections, ListGaps, ListJobs, ListNotices, ListPeople, ListSuggestions, MakeCertificate,
    PairPeople, PairPerson, PreviewBulk, PreviewDisconnect, PreviewPairing, PreviewUnpairing,
    ResolveDelivery, RetryDelivery, RevokeConsent, RunPreflight, SetAddress, SetPaused, SetPolicy,
    SignInGuest, SkipDelivery, StartExport, StartImport, StartPairing, StartUnpairing, StopJob,
    TuneConnection, UnpairPerson, UseCase, WaitForChange, typescript_calls,
};
use ts_rs::{Config, TS, TypeVisitor};

/// Rewrites the file instead of comparing, when set.
const UPDATE: &str = "UPDATE_BINDINGS";

const HEADER: &str =
    "// Rendered from the hub's API by crates/hub/tests/bindings.rs. Not edited by hand:
// UPDATE_BINDINGS=1 cargo test -p causeway-hub --test bindings
";

#[test]
fn the_desktops_types_are_those_of_the_api() {
    let path = bindings_path();
    let rendered = render();
    if std::env::var_os(UPDATE).is_some() {
        std::fs::write(&path, &rendered).expect("the bindings can be written");
        return;
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    if let Some(difference) = first_difference(&committed, &rendered) {
        panic!(
            "{} is out of date; run it again with {UPDATE}=1.\n{difference}",
            path.display()
        );
    }
}

#[test]
fn every_call_names_only_types_that_are_declared() {
    let config = config();
    let declared = declarations(&config);
    for (word, args, reply) in typescript_calls(&config) {
        for name in [args, reply] {
            let name = name.trim_start_matches("Array<").trim_end_matches('>');
            assert!(
                name == "number" || declared.contains_key(name),
                "{word} speaks of {name}: add its use case to `declarations` here"
            );
        }
    }
}

fn bindings_path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/backend/bindings.ts")
}

fn config() -> Config {
    Config::new().with_large_int("number")
}

fn render() -> String {
    let config = config();
    let mut text = String::from(HEADER);
    for declaration in declarations(&config).into_values() {
        text.push('\n');
        text.push_str(&declaration);
    }
    text.push_str(
        "\n/** Every use case: what it takes and what it gives. */\nexport type Calls = {\n",
    );
    for (word, args, reply) in typescript_calls(&config) {
        text.push_str(&format!("  {word}: {{ args: {args}; reply: {reply} }};\n"));
    }
    text.push_str("};\n");
    without_trailing_blanks(&text)
}

fn without_trailing_blanks(text: &str) -> String {
    let lines = text.lines().map(|line| line.trim_end());
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Every type that the use cases and their errors speak of, by name.
fn declarations(config: &Config) -> BTreeMap<String, String> {
    let mut all = Declarations {
        config,
        seen: HashSet::new(),
        by_name: BTreeMap::new(),
    };
    all.visit::<HubError>();
    all.use_case::<GetStatus>();
    all.use_case::<WaitForChange>();
    all.use_case::<GetNeeds>();
    all.use_case::<GetStats>();
    all.use_case::<ListConnections>();
    all.use_case::<ListCapabilities>();
    all.use_case::<ConnectSlack>();
    all.use_case::<ConnectTeams>();
    all.use_case::<ConnectWebex>();
    all.use_case::<ConnectZoom>();
    all.use_case::<BeginServiceSignIn>();
    all.use_case::<GetServiceSignIn>();
    all.use_case::<FinishServiceSignIn>();
    all.use_case::<CancelServiceSignIn>();
    all.use_case::<BeginSlackInstall>();
    all.use_case::<TuneConnection>();
    all.use_case::<GetSlackManifest>();
    all.use_case::<MakeCertificate>();
    all.use_case::<RunPreflight>();
    all.use_case::<GetPreflight>();
    all.use_case::<SetPaused>();
    all.use_case::<PreviewDisconnect>();
    all.use_case::<Disconnect>();
    all.use_case::<ListNotices>();
    all.use_case::<DismissNotice>();
    all.use_case::<ListGaps>();
    all.use_case::<ImportPeople>();
    all.use_case::<StartImport>();
    all.use_case::<ListPeople>();
    all.use_case::<CountPeople>();
    all.use_case::<GetPerson>();
    all.use_case::<ListSuggestions>();
    all.use_case::<DecideSuggestion>();
    all.use_case::<PreviewPairing>();
    all.use_case::<PairPerson>();
    all.use_case::<PairPeople>();
    all.use_case::<PreviewBulk>();
    all.use_case::<StartPairing>();
    all.use_case::<PreviewUnpairing>();
    all.use_case::<StartUnpairing>();
    all.use_case::<ChangeMode>();
    all.use_case::<GetJob>();
    all.use_case::<ListJobs>();
    all.use_case::<StopJob>();
    all.use_case::<UnpairPerson>();
    all.use_case::<AskAgain>();
    all.use_case::<RevokeConsent>();
    all.use_case::<SignInGuest>();
    all.use_case::<GetAddress>();
    all.use_case::<SetAddress>();
    all.use_case::<CheckAddress>();
    all.use_case::<GetPolicy>();
    all.use_case::<SetPolicy>();
    all.use_case::<ListActivity>();
    all.use_case::<GetDelivery>();
    all.use_case::<ResolveDelivery>();
    all.use_case::<StartExport>();
    all.use_case::<RetryDelivery>();
    all.use_case::<SkipDelivery>();
    all.use_case::<Backup>();
    all.use_case::<GetRestore>();
    all.by_name
}

struct Declarations<'a> {
    config: &'a Config,
    seen: HashSet<TypeId>,
    by_name: BTreeMap<String, String>,
}

impl Declarations<'_> {
    fn use_case<U>(&mut self)
    where
        U: UseCase + TS + 'static,
        U::Output: TS + 'static,
    {
        self.visit::<U>();
        self.visit::<U::Output>();
    }
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        // Numbers, arrays and the like have no declaration of their own, but arrays depend on one.
        if T::output_path().is_some() {
            let docs = T::docs().unwrap_or_default();
            let declaration = format!("{docs}export {}\n", T::decl(self.config));
            self.by_name.insert(T::ident(self.config), declaration);
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

fn first_difference(committed: &str, rendered: &str) -> Option<String> {
    if committed == rendered {
        return None;
    }
    let lines = committed.lines().zip(rendered.lines()).enumerate();
    let differing = lines.into_iter().find(|(_, (old, new))| old != new);
    Some(match differing {
        Some((line, (old, new))) => format!("line {}:\n- {old}\n+ {new}", line + 1),
        None => "one of them goes on after the other has ended".to_owned(),
    })
}
