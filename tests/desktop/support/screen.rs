//! The display as its user sees it: whether the window is there, and its close button.

use x11rb::connection::Connection;
use x11rb::protocol::xproto::{
    Atom, AtomEnum, ClientMessageEvent, ConnectionExt, EventMask, MapState, Window,
};
use x11rb::rust_connection::{ReplyError, RustConnection};

const TITLE: &[u8] = b"Causeway";

pub struct Screen {
    display: RustConnection,
    root: Window,
}

impl Screen {
    pub fn of(display_name: &str) -> Self {
        let (display, screen) =
            RustConnection::connect(Some(display_name)).expect("the display is there");
        let root = display.setup().roots[screen].root;
        Self { display, root }
    }

    /// Whether the window can be seen.
    pub fn shows_the_window(&self) -> bool {
        self.window().is_some_and(|window| {
            let attributes = self.display.get_window_attributes(window);
            let attributes = attributes.expect("the display answers").reply();
            attributes.is_ok_and(|known| known.map_state == MapState::VIEWABLE)
        })
    }

    /// Closes the window as a window manager does when its close button is pressed.
    ///
    /// # Panics
    /// When there is no window.
    pub fn close_the_window(&self) {
        let window = self.window().expect("there is a window");
        let (protocols, delete) = (self.atom("WM_PROTOCOLS"), self.atom("WM_DELETE_WINDOW"));
        let message = ClientMessageEvent::new(32, window, protocols, [delete, 0, 0, 0, 0]);
        let sent = self
            .display
            .send_event(false, window, EventMask::NO_EVENT, message);
        sent.expect("the display takes it")
            .check()
            .expect("the window is there");
    }

    /// The toolkit has windows of its own beside it, which nobody can close.
    fn window(&self) -> Option<Window> {
        let tree = self.display.query_tree(self.root);
        let tree = tree
            .expect("the display answers")
            .reply()
            .expect("the root is there");
        tree.children
            .into_iter()
            .find(|window| self.is_ours(*window).unwrap_or(false))
    }

    /// # Errors
    /// When the window is gone meanwhile.
    fn is_ours(&self, window: Window) -> Result<bool, ReplyError> {
        let property = |name: Atom, kind: AtomEnum| {
            let asked = self
                .display
                .get_property(false, window, name, kind, 0, 1_024)?;
            asked.reply()
        };
        let protocols = property(self.atom("WM_PROTOCOLS"), AtomEnum::ATOM)?;
        let delete = self.atom("WM_DELETE_WINDOW");
        let can_be_closed = protocols
            .value32()
            .is_some_and(|mut known| known.any(|protocol| protocol == delete));
        let title = property(AtomEnum::WM_NAME.into(), AtomEnum::ANY)?;
        Ok(can_be_closed && title.value == TITLE)
    }

    fn atom(&self, name: &str) -> Atom {
        let asked = self.display.intern_atom(false, name.as_bytes());
        let known = asked.expect("the display answers").reply();
        known.expect("every name has an atom").atom
    }
}
