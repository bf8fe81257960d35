(* What the terms of a theorem mean, and the primitive rules as proved lemmas.

   Components and coordinates are finite non-empty lists over types with decidable equality; a state
   is the means of all components; a mean is a positive, linear, normalised functional on the
   functions that are built from constants, coordinates of the point, responsibilities and log(p/q)
   by sums, products, square roots, cases, largest and least. *)
From Coq Require Import Reals Lra Lia List Arith FunctionalExtensionality.
Import ListNotations.
Open Scope R_scope.

(* Finite sums, largest and least. *)

Fixpoint Sum {I} (l : list I) (f : I -> R) : R :=
  match l with [] => 0 | i :: t => f i + Sum t f end.
Fixpoint Largest {I} (l : list I) (f : I -> R) : R :=
  match l with [] => 0 | i :: t => match t with [] => f i | _ => Rmax (f i) (Largest t f) end end.
Fixpoint Least {I} (l : list I) (f : I -> R) : R :=
  match l with [] => 0 | i :: t => match t with [] => f i | _ => Rmin (f i) (Least t f) end end.
Fixpoint Steps (n : nat) (f : nat -> R) : R :=
  match n with O => 0 | S k => Steps k f + f k end.
Fixpoint LeastSteps (n : nat) (f : nat -> R) : R :=
  match n with
  | O => 0
  | S k => match k with O => f k | _ => Rmin (LeastSteps k f) (f k) end
  end.
Definition inverse (t : R) : R := / t.
Definition case (a b s t : R) : R := if Rle_dec a b then s else t.

Lemma Sum_ext {I} (l : list I) f g : (forall i, f i = g i) -> Sum l f = Sum l g.
Proof. intros H; induction l; simpl; rewrite ?H, ?IHl; auto. Qed.
Lemma Sum_le {I} (l : list I) f g : (forall i, f i <= g i) -> Sum l f <= Sum l g.
Proof. intros H; induction l as [|a l IH]; simpl; [lra|]. specialize (H a). lra. Qed.
Lemma Sum_lt {I} (l : list I) f g : l <> [] -> (forall i, f i < g i) -> Sum l f < Sum l g.
Proof.
  intros N H; destruct l as [|a l]; [congruence|]; simpl.
  assert (Sum l f <= Sum l g) by (apply Sum_le; intros; apply Rlt_le, H). specialize (H a). lra.
Qed.
Lemma Sum_mult_l {I} (l : list I) f c : Sum l f * c = Sum l (fun i => f i * c).
Proof. induction l as [|a l IH]; simpl; [lra|]. rewrite <- IH. lra. Qed.
Lemma Sum_mult_r {I} (l : list I) f c : c * Sum l f = Sum l (fun i => c * f i).
Proof. induction l as [|a l IH]; simpl; [lra|]. rewrite <- IH. lra. Qed.
Lemma Sum_plus {I} (l : list I) f g : Sum l (fun i => f i + g i) = Sum l f + Sum l g.
Proof. induction l as [|a l IH]; simpl; [lra|]. rewrite IH. lra. Qed.
Lemma Sum_zero {I} (l : list I) : Sum l (fun _ => 0) = 0.
Proof. induction l as [|a l IH]; simpl; [lra|]. rewrite IH. lra. Qed.
Lemma Sum_swap {I K} (l : list I) (k : list K) f :
  Sum l (fun i => Sum k (fun j => f i j)) = Sum k (fun j => Sum l (fun i => f i j)).
Proof.
  induction l as [|a l IH]; simpl.
  - symmetry; apply Sum_zero.
  - rewrite IH, <- Sum_plus. reflexivity.
Qed.
Lemma Sum_const {I} (l : list I) c : Sum l (fun _ => c) = INR (length l) * c.
Proof.
  induction l as [|a l IH]; [simpl; lra|].
  change (length (a :: l)) with (S (length l)). rewrite S_INR. simpl. rewrite IH. lra.
Qed.
Lemma Sum_one {I} (l : list I) : Sum l (fun _ => 1) = INR (length l).
Proof. rewrite Sum_const. lra. Qed.
Lemma Steps_ext n f g : (forall k, f k = g k) -> Steps n f = Steps n g.
Proof. intros H; induction n; simpl; rewrite ?H, ?IHn; auto. Qed.
Lemma Steps_plus n f g : Steps n (fun k => f k + g k) = Steps n f + Steps n g.
Proof. induction n as [|n IH]; simpl; [lra|]. rewrite IH. lra. Qed.
Lemma Steps_mult n c f : Steps n (fun k => c * f k) = c * Steps n f.
Proof. induction n as [|n IH]; simpl; [lra|]. rewrite IH. lra. Qed.
Lemma Steps_one n : Steps n (fun _ => 1) = INR n.
Proof. induction n as [|n IH]; [reflexivity|]. rewrite S_INR. simpl. rewrite IH. lra. Qed.
Lemma Steps_Sum {I} n (l : list I) f :
  Steps n (fun k => Sum l (fun i => f i k)) = Sum l (fun i => Steps n (fun k => f i k)).
Proof.
  induction n as [|n IH]; simpl; [symmetry; apply Sum_zero|]. rewrite IH, <- Sum_plus. reflexivity.
Qed.
Lemma Steps_le n f g : (forall k, INR k < INR n -> f k <= g k) -> Steps n f <= Steps n g.
Proof.
  induction n as [|n IH]; simpl Steps; intros H; [lra|]. apply Rplus_le_compat.
  - apply IH. intros k K. apply H. rewrite S_INR. lra.
  - apply H. rewrite S_INR. lra.
Qed.
Lemma Steps_eq n f g : (forall k, INR k < INR n -> f k = g k) -> Steps n f = Steps n g.
Proof. intros H; apply Rle_antisym; apply Steps_le; intros k K; rewrite (H k K); lra. Qed.
Lemma Largest_ext {I} (l : list I) f g : (forall i, f i = g i) -> Largest l f = Largest l g.
Proof. intros H. f_equal. apply functional_extensionality, H. Qed.
Lemma Least_ext {I} (l : list I) f g : (forall i, f i = g i) -> Least l f = Least l g.
Proof. intros H. f_equal. apply functional_extensionality, H. Qed.
Lemma LeastSteps_ext n f g : (forall i, f i = g i) -> LeastSteps n f = LeastSteps n g.
Proof. intros H. f_equal. apply functional_extensionality, H. Qed.
Lemma Largest_member {I} (l : list I) f i : In i l -> f i <= Largest l f.
Proof.
  induction l as [|a [|b l] IH]; simpl; intros H; [contradiction|destruct H as [->|[]]; lra|].
  destruct H as [->|H]; [apply Rmax_l|]. eapply Rle_trans; [apply IH, H|apply Rmax_r].
Qed.
Lemma Least_member {I} (l : list I) f i : In i l -> Least l f <= f i.
Proof.
  induction l as [|a [|b l] IH]; simpl; intros H; [contradiction|destruct H as [->|[]]; lra|].
  destruct H as [->|H]; [apply Rmin_l|]. eapply Rle_trans; [apply Rmin_r|apply IH, H].
Qed.
Lemma Largest_attained {I} (l : list I) f : l <> [] -> exists i, In i l /\ Largest l f = f i.
Proof.
  induction l as [|a [|b l] IH]; intros N; [congruence|exists a; simpl; auto|].
  destruct IH as [i [M E]]; [congruence|].
  change (Largest (a :: b :: l) f) with (Rmax (f a) (Largest (b :: l) f)). rewrite E.
  unfold Rmax; destruct (Rle_dec (f a) (f i)).
  - exists i; split; [right; exact M|reflexivity].
  - exists a; simpl; auto.
Qed.
Lemma Least_attained {I} (l : list I) f : l <> [] -> exists i, In i l /\ Least l f = f i.
Proof.
  induction l as [|a [|b l] IH]; intros N; [congruence|exists a; simpl; auto|].
  destruct IH as [i [M E]]; [congruence|].
  change (Least (a :: b :: l) f) with (Rmin (f a) (Least (b :: l) f)). rewrite E.
  unfold Rmin; destruct (Rle_dec (f a) (f i)).
  - exists a; simpl; auto.
  - exists i; split; [right; exact M|reflexivity].
Qed.
Lemma LeastSteps_member n f k : INR k < INR n -> LeastSteps n f <= f k.
Proof.
  intros H; apply INR_lt in H; revert H. induction n as [|[|n] IH]; intros H; [inversion H|simpl|].
  - replace k with O by lia. lra.
  - change (LeastSteps (S (S n)) f) with (Rmin (LeastSteps (S n) f) (f (S n))).
    destruct (Nat.eq_dec k (S n)) as [->|D]; [apply Rmin_r|].
    eapply Rle_trans; [apply Rmin_l|apply IH]. lia.
Qed.
Lemma LeastSteps_attained n f :
  0 < INR n -> exists k, INR k < INR n /\ LeastSteps n f = f k.
Proof.
  induction n as [|[|n] IH]; intros H; [simpl in H; lra|exists O; split; [simpl; lra|reflexivity]|].
  change (LeastSteps (S (S n)) f) with (Rmin (LeastSteps (S n) f) (f (S n))).
  destruct IH as [k [K E]]; [rewrite S_INR; pose proof (pos_INR n); lra|]. rewrite E.
  assert (L : INR (S n) < INR (S (S n))) by (rewrite (S_INR (S n)); lra).
  unfold Rmin; destruct (Rle_dec (f k) (f (S n))); [exists k; split; [lra|reflexivity]|].
  exists (S n); split; [exact L|reflexivity].
Qed.

Lemma applied {A B} (f g : A -> B) x y : f = g -> x = y -> f x = g y.
Proof. intros -> ->. reflexivity. Qed.

(* Linear combinations, term by term. *)

Fixpoint dot (cs ys : list R) : R :=
  match cs, ys with c :: cs, y :: ys => c * y + dot cs ys | _, _ => 0 end.
Fixpoint both (l m : list R) : Prop :=
  match l, m with
  | [], [] => True
  | a :: l, b :: m => a = b /\ both l m
  | _, _ => False
  end.
Lemma dot_both cs l m : both l m -> dot cs l = dot cs m.
Proof.
  revert l m; induction cs as [|c cs IH]; intros [|a l] [|b m] H; simpl in *; try tauto; try lra.
  destruct H as [-> H]. rewrite (IH _ _ H). reflexivity.
Qed.
Lemma Sum_step {I} (l : list I) body cs fs ys :
  (forall i, body i = dot cs (map (fun f => f i) fs)) -> both (map (fun f => Sum l f) fs) ys ->
  Sum l body = dot cs ys.
Proof.
  intros H B. rewrite <- (dot_both _ _ _ B), (Sum_ext _ _ _ H). clear.
  revert fs; induction cs as [|c cs IH]; intros [|f fs]; simpl; try apply Sum_zero.
  rewrite Sum_plus, IH, <- Sum_mult_r. reflexivity.
Qed.
Lemma Steps_step n body cs fs ys :
  (forall i, body i = dot cs (map (fun f => f i) fs)) -> both (map (fun f => Steps n f) fs) ys ->
  Steps n body = dot cs ys.
Proof.
  intros H B. rewrite <- (dot_both _ _ _ B), (Steps_ext _ _ _ H). clear.
  assert (Z : Steps n (fun _ => 0) = 0) by (induction n as [|n IH]; simpl; rewrite ?IH; lra).
  revert fs; induction cs as [|c cs IH]; intros [|f fs]; simpl; try apply Z.
  rewrite Steps_plus, IH, Steps_mult. reflexivity.
Qed.

(* The parts of a combination that is zero: each is dropped by its sign. *)

Lemma drop_le a b : 0 <= a + b -> b <= 0 -> 0 <= a. Proof. lra. Qed.
Lemma drop_lt a b : 0 <= a + b -> b < 0 -> 0 < a. Proof. lra. Qed.
Lemma keep_lt a b : 0 < a + b -> b <= 0 -> 0 < a. Proof. lra. Qed.
Lemma drop_eq a b : a + b = 0 -> b = 0 -> a = 0. Proof. lra. Qed.
Lemma from_zero a : a = 0 -> 0 <= a. Proof. lra. Qed.
Lemma gap_le l r : l <= r -> 0 <= r + (-1) * l. Proof. lra. Qed.
Lemma gap_lt l r : l < r -> 0 < r + (-1) * l. Proof. lra. Qed.
Lemma gap_eq l r : l = r -> r + (-1) * l = 0. Proof. lra. Qed.
Lemma le_gap l r : 0 <= r + (-1) * l -> l <= r. Proof. lra. Qed.
Lemma lt_gap l r : 0 < r + (-1) * l -> l < r. Proof. lra. Qed.
Lemma eq_gap l r : r + (-1) * l = 0 -> l = r. Proof. lra. Qed.
Lemma times_nonnegative p q : 0 <= p -> 0 <= q -> 0 <= p * q.
Proof. apply Rmult_le_pos. Qed.
Lemma times_square s q : 0 <= q -> 0 <= s * (s * q).
Proof.
  intros H. replace (s * (s * q)) with ((s * s) * q) by ring. apply Rmult_le_pos; [|exact H].
  apply Rle_0_sqr.
Qed.
Lemma square_nonnegative s : 0 <= s * s. Proof. apply Rle_0_sqr. Qed.
Lemma scaled_le c p : c <= 0 -> 0 <= p -> c * p <= 0.
Proof. intros H K. pose proof (Rmult_le_pos (- c) p ltac:(lra) K). lra. Qed.
Lemma scaled_lt c p : c < 0 -> 0 < p -> c * p < 0.
Proof. intros H K. pose proof (Rmult_lt_0_compat (- c) p ltac:(lra) K). lra. Qed.
Lemma scaled_eq c t p : p = 0 -> c * (t * p) = 0. Proof. intros ->. ring. Qed.

Lemma whole_steps k m : INR k < INR m -> INR (S k) <= INR m.
Proof. intros H. apply le_INR. apply INR_lt in H. exact H. Qed.
Lemma times_inverse t : 0 < t -> t * inverse t = 1.
Proof. intros H. apply Rinv_r. lra. Qed.
Lemma root_square t : 0 <= t -> sqrt t * sqrt t = t.
Proof. apply sqrt_sqrt. Qed.
Lemma root_sign t : 0 <= t -> 0 <= sqrt t.
Proof. intros _. apply sqrt_pos. Qed.
Lemma tangent t : 1 + t <= exp t.
Proof.
  destruct (Req_dec t 0) as [->|H]; [rewrite exp_0; lra|]. apply Rlt_le, exp_ineq1, H.
Qed.
Lemma case_first a b s t : a <= b -> case a b s t = s.
Proof. unfold case; destruct (Rle_dec a b); tauto. Qed.
Lemma case_second a b s t : b < a -> case a b s t = t.
Proof. unfold case; destruct (Rle_dec a b); [lra|reflexivity]. Qed.

Section Mixture.
Variables Component Coordinate : Type.
Variable same_component : forall i j : Component, {i = j} + {i <> j}.
Variable same_coordinate : forall i j : Coordinate, {i = j} + {i <> j}.
Variables (components : list Component) (coordinates : list Coordinate).
Hypothesis components_all : forall j, In j components.
Hypothesis components_once : NoDup components.
Hypothesis coordinates_all : forall a, In a coordinates.
Hypothesis coordinates_once : NoDup coordinates.
Variables (a_component : Component) (a_coordinate : Coordinate).
Variable weight : Component -> R.
Hypothesis weight_positive : forall j, 0 < weight j.
Hypothesis weight_total : Sum components weight = 1.
Definition point := Coordinate -> R.
Definition state := Component -> Coordinate -> R.

Lemma components_some : components <> [].
Proof. intros H. pose proof (components_all a_component) as K. rewrite H in K. exact K. Qed.
Lemma coordinates_some : coordinates <> [].
Proof. intros H. pose proof (coordinates_all a_coordinate) as K. rewrite H in K. exact K. Qed.
Definition n := INR (length components).
Definition d := INR (length coordinates).
Lemma n_one : 1 <= n.
Proof.
  unfold n. pose proof components_some. destruct components; [congruence|].
  change (length (c :: l)) with (S (length l)). rewrite S_INR. pose proof (pos_INR (length l)). lra.
Qed.
Lemma d_one : 1 <= d.
Proof.
  unfold d. pose proof coordinates_some. destruct coordinates; [congruence|].
  change (length (c :: l)) with (S (length l)). rewrite S_INR. pose proof (pos_INR (length l)). lra.
Qed.

(* One where two indices are the same. *)

Definition delta {I} (same : forall i j : I, {i = j} + {i <> j}) (i j : I) : R :=
  if same i j then 1 else 0.
Lemma delta_same {I} same (i : I) : delta same i i = 1.
Proof. unfold delta. destruct (same i i); congruence. Qed.
Lemma delta_sym {I} same (i j : I) : delta same i j = delta same j i.
Proof. unfold delta. destruct (same i j), (same j i); congruence. Qed.
Lemma delta_put {I} same (i j : I) f : delta same i j * f j = delta same i j * f i.
Proof. unfold delta. destruct (same i j); [subst; reflexivity|lra]. Qed.
Lemma Sum_delta_list {I} same (l : list I) i f : NoDup l -> In i l ->
  Sum l (fun j => delta same i j * f j) = f i.
Proof.
  intros N M. induction l as [|a l IH]; [contradiction|]. inversion N as [|? ? X Y]; subst. simpl.
  destruct (same i a) as [<-|D].
  - rewrite delta_same. transitivity (1 * f i + 0); [|lra]. f_equal. rewrite <- (Sum_zero l).
    clear -X. induction l as [|b l IH]; [reflexivity|]. simpl. rewrite IH; [|simpl in X; tauto].
    unfold delta. destruct (same i b); [subst; simpl in X; tauto|lra].
  - destruct M as [->|M]; [congruence|]. rewrite (IH Y M). unfold delta.
    destruct (same i a); [congruence|lra].
Qed.
Lemma component_delta i f :
  Sum components (fun j => delta same_component i j * f j) = f i.
Proof. apply Sum_delta_list; auto. Qed.
Lemma coordinate_delta i f :
  Sum coordinates (fun j => delta same_coordinate i j * f j) = f i.
Proof. apply Sum_delta_list; auto. Qed.

(* Densities over the teacher's, responsibilities. *)

Definition tilt (V : state) j (x : point) : R :=
  weight j * exp (Sum coordinates (fun a => x a * V j a + ((-1) / 2) * (V j a * V j a))).
Definition ratio V x := Sum components (fun j => tilt V j x).
Definition psi V j x := tilt V j x * / ratio V x.
Definition log_ratio V x := ln (ratio V x).

Lemma tilt_positive V j x : 0 < tilt V j x.
Proof. apply Rmult_lt_0_compat; [apply weight_positive|apply exp_pos]. Qed.
Lemma ratio_positive V x : 0 < ratio V x.
Proof.
  unfold ratio. rewrite <- (Sum_zero components). apply Sum_lt; [exact components_some|].
  intros; apply tilt_positive.
Qed.
Lemma psi_positive V j x : 0 < psi V j x.
Proof. apply Rmult_lt_0_compat; [apply tilt_positive|apply Rinv_0_lt_compat, ratio_positive]. Qed.
Lemma psi_total V x : Sum components (fun j => psi V j x) = 1.
Proof.
  unfold psi. rewrite <- Sum_mult_l. change (ratio V x * / ratio V x = 1). apply Rinv_r.
  pose proof (ratio_positive V x). lra.
Qed.
Lemma psi_gone V x c : Sum components (fun j => psi V j x * c) = c.
Proof. rewrite <- Sum_mult_l, psi_total. lra. Qed.
Lemma weight_gone c : Sum components (fun j => weight j * c) = c.
Proof. rewrite <- Sum_mult_l. change (Sum components weight * c = c). rewrite weight_total. lra. Qed.
Lemma density V j x : psi V j x * exp (log_ratio V x) =
  weight j * exp (Sum coordinates (fun a => x a * V j a + ((-1) / 2) * (V j a * V j a))).
Proof.
  unfold log_ratio, psi. pose proof (ratio_positive V x). rewrite exp_ln by assumption.
  rewrite Rmult_assoc, Rinv_l by lra. unfold tilt. lra.
Qed.

(* Functions that grow at most like a polynomial, and means of them. *)

Inductive tame : (point -> R) -> Prop :=
| tame_const c : tame (fun _ => c)
| tame_entry a : tame (fun x => x a)
| tame_psi V j : tame (fun x => psi V j x)
| tame_log V : tame (fun x => log_ratio V x)
| tame_plus f g : tame f -> tame g -> tame (fun x => f x + g x)
| tame_mult f g : tame f -> tame g -> tame (fun x => f x * g x)
| tame_root f : tame f -> tame (fun x => sqrt (f x))
| tame_case f g h k :
    tame f -> tame g -> tame h -> tame k -> tame (fun x => case (f x) (g x) (h x) (k x))
| tame_max f g : tame f -> tame g -> tame (fun x => Rmax (f x) (g x))
| tame_min f g : tame f -> tame g -> tame (fun x => Rmin (f x) (g x)).
Lemma tame_Sum {I} (l : list I) f :
  (forall i, tame (fun x => f i x)) -> tame (fun x => Sum l (fun i => f i x)).
Proof. intros H; induction l; simpl; [apply tame_const|apply tame_plus; auto]. Qed.
Lemma tame_Steps m f :
  (forall i, tame (fun x => f i x)) -> tame (fun x => Steps m (fun i => f i x)).
Proof. intros H; induction m; simpl; [apply tame_const|apply tame_plus; auto]. Qed.
Lemma tame_Largest {I} (l : list I) f :
  (forall i, tame (fun x => f i x)) -> tame (fun x => Largest l (fun i => f i x)).
Proof.
  intros H; induction l as [|a [|b l] IH]; [exact (tame_const 0)|apply H|].
  exact (tame_max _ _ (H a) IH).
Qed.
Lemma tame_Least {I} (l : list I) f :
  (forall i, tame (fun x => f i x)) -> tame (fun x => Least l (fun i => f i x)).
Proof.
  intros H; induction l as [|a [|b l] IH]; [exact (tame_const 0)|apply H|].
  exact (tame_min _ _ (H a) IH).
Qed.

Lemma tame_same g f : tame g -> (forall x, f x = g x) -> tame f.
Proof.
  intros T H. replace f with g by (apply functional_extensionality; intros; symmetry; apply H).
  exact T.
Qed.

Record mean := {
  value :> (point -> R) -> R;
  value_plus : forall f g, tame f -> tame g -> value (fun x => f x + g x) = value f + value g;
  value_scaled : forall c f, tame f -> value (fun x => c * f x) = c * value f;
  value_one : value (fun _ => 1) = 1;
  value_nonnegative : forall f, tame f -> (forall x, 0 <= f x) -> 0 <= value f;
  value_positive : forall f, tame f -> (forall x, 0 < f x) -> 0 < value f
}.
Lemma mean_ext (E : mean) f g : (forall x, f x = g x) -> E f = E g.
Proof. intros H. f_equal. apply functional_extensionality, H. Qed.
Lemma mean_zero (E : mean) : E (fun _ => 0) = 0.
Proof.
  rewrite (mean_ext E _ (fun _ => 0 * 1)) by (intros; lra).
  rewrite (value_scaled E 0 (fun _ => 1)); [lra|apply tame_const].
Qed.
Lemma mean_const (E : mean) c : E (fun _ => c) = c.
Proof.
  rewrite (mean_ext E _ (fun _ => c * 1)) by (intros; lra).
  rewrite (value_scaled E c (fun _ => 1)), value_one; [lra|apply tame_const].
Qed.
Lemma mean_le (E : mean) f g : tame f -> tame g -> (forall x, f x <= g x) -> E f <= E g.
Proof.
  intros F G H. assert (D : tame (fun x => (-1) * f x)) by (apply tame_mult; auto; apply tame_const).
  assert (P : 0 <= E (fun x => g x + (-1) * f x)).
  { apply value_nonnegative; [apply tame_plus; auto|]. intros x. specialize (H x). lra. }
  rewrite (value_plus E g (fun x => (-1) * f x)), (value_scaled E (-1) f) in P; auto. lra.
Qed.
Lemma mean_lt (E : mean) f g : tame f -> tame g -> (forall x, f x < g x) -> E f < E g.
Proof.
  intros F G H. assert (D : tame (fun x => (-1) * f x)) by (apply tame_mult; auto; apply tame_const).
  assert (P : 0 < E (fun x => g x + (-1) * f x)).
  { apply value_positive; [apply tame_plus; auto|]. intros x. specialize (H x). lra. }
  rewrite (value_plus E g (fun x => (-1) * f x)), (value_scaled E (-1) f) in P; auto. lra.
Qed.
Lemma mean_Sum (E : mean) {I} (l : list I) f : (forall i, tame (fun x => f i x)) ->
  E (fun x => Sum l (fun i => f i x)) = Sum l (fun i => E (fun x => f i x)).
Proof.
  intros H; induction l as [|a l IH]; simpl; [apply mean_zero|].
  rewrite (value_plus E (fun x => f a x) (fun x => Sum l (fun i => f i x))), IH;
    auto using tame_Sum.
Qed.
Lemma mean_scaled (E : mean) c f : tame f -> E (fun x => c * f x) = c * E f.
Proof. apply value_scaled. Qed.
Lemma mean_step (E : mean) body cs fs ys :
  (forall x, body x = dot cs (map (fun f => f x) fs)) -> Forall tame fs ->
  both (map (fun f => E f) fs) ys -> E body = dot cs ys.
Proof.
  intros H T B. rewrite <- (dot_both _ _ _ B), (mean_ext _ _ _ H). clear -T.
  revert fs T; induction cs as [|c cs IH]; intros [|f fs] T; simpl; try apply mean_zero.
  inversion T; subst. rewrite (value_plus E (fun x => c * f x)), value_scaled, IH; auto.
  - apply tame_mult; auto using tame_const.
  - clear -H2. revert fs H2; induction cs; intros [|g fs] T; simpl; try apply tame_const.
    inversion T; subst. apply tame_plus; auto. apply tame_mult; auto using tame_const.
Qed.
Lemma mean_psi_gone (E : mean) V f : tame f ->
  Sum components (fun j => E (fun x => psi V j x * f x)) = E f.
Proof.
  intros F. rewrite <- (mean_Sum E components (fun j x => psi V j x * f x)).
  - apply mean_ext; intros; apply psi_gone.
  - intros; apply tame_mult; [apply tame_psi|exact F].
Qed.
Lemma mean_psi_all (E : mean) V : Sum components (fun j => E (fun x => psi V j x)) = 1.
Proof.
  rewrite <- (mean_Sum E components (fun j x => psi V j x)) by (intros; apply tame_psi).
  rewrite (mean_ext _ _ (fun _ => 1)) by (intros; apply psi_total). apply value_one.
Qed.

(* Partial derivatives in the coordinates of the point. *)

Definition put (x : point) a t : point := fun b => if same_coordinate a b then t else x b.
Definition partial a (f g : point -> R) : Prop :=
  forall x, derivable_pt_lim (fun t => f (put x a t)) (x a) (g x).
Definition posterior (V : state) a x := Sum components (fun j => psi V j x * V j a).

Lemma put_same x a : put x a (x a) = x.
Proof.
  apply functional_extensionality; intros b; unfold put. destruct (same_coordinate a b); congruence.
Qed.
Lemma partial_ext a f g h : partial a f g -> (forall x, g x = h x) -> partial a f h.
Proof. intros D H x. rewrite <- H. apply D. Qed.
Lemma partial_const a c : partial a (fun _ => c) (fun _ => 0).
Proof. intros x. apply derivable_pt_lim_const. Qed.
Lemma partial_plus a f g f' g' : partial a f f' -> partial a g g' ->
  partial a (fun x => f x + g x) (fun x => f' x + g' x).
Proof.
  intros F G x. exact (derivable_pt_lim_plus (fun t => f (put x a t)) (fun t => g (put x a t))
    (x a) (f' x) (g' x) (F x) (G x)).
Qed.
Lemma partial_mult a f g f' g' : partial a f f' -> partial a g g' ->
  partial a (fun x => f x * g x) (fun x => f' x * g x + f x * g' x).
Proof.
  intros F G x. pose proof (derivable_pt_lim_mult (fun t => f (put x a t))
    (fun t => g (put x a t)) (x a) (f' x) (g' x) (F x) (G x)) as D.
  cbv beta in D. rewrite put_same in D. exact D.
Qed.
Lemma partial_Sum a {I} (l : list I) f f' :
  (forall i, partial a (fun x => f i x) (fun x => f' i x)) ->
  partial a (fun x => Sum l (fun i => f i x)) (fun x => Sum l (fun i => f' i x)).
Proof.
  intros H; induction l as [|i l IH]; simpl; [apply partial_const|apply partial_plus; auto].
Qed.
Lemma partial_entry a b : partial a (fun x => x b) (fun _ => delta same_coordinate a b).
Proof.
  intros x. unfold put, delta. destruct (same_coordinate a b).
  - apply derivable_pt_lim_id.
  - apply derivable_pt_lim_const.
Qed.
Lemma partial_tilt V j a : partial a (fun x => tilt V j x) (fun x => tilt V j x * V j a).
Proof.
  set (e := fun x : point =>
    Sum coordinates (fun b => x b * V j b + ((-1) / 2) * (V j b * V j b))).
  assert (D : partial a e (fun _ => V j a)).
  { apply (partial_ext a e (fun x => Sum coordinates (fun b =>
      delta same_coordinate a b * V j b))).
    - apply (partial_Sum a coordinates (fun b x => x b * V j b + ((-1) / 2) * (V j b * V j b))
        (fun b _ => delta same_coordinate a b * V j b)). intros b.
      eapply partial_ext.
      + apply (partial_plus a (fun x => x b * V j b)); [|apply partial_const].
        apply (partial_mult a (fun x => x b)); [apply partial_entry|apply partial_const].
      + intros x; cbv beta; ring.
    - intros x. apply coordinate_delta. }
  intros x. specialize (D x).
  pose proof (derivable_pt_lim_comp (fun t => e (put x a t)) exp (x a) _ _ D
    (derivable_pt_lim_exp (e (put x a (x a))))) as C.
  pose proof (derivable_pt_lim_scal _ (weight j) _ _ C) as F. rewrite put_same in F.
  replace (tilt V j x * V j a) with (weight j * (exp (e x) * V j a)) by (unfold tilt, e; ring).
  exact F.
Qed.
Lemma partial_ratio V a :
  partial a (fun x => ratio V x) (fun x => Sum components (fun j => tilt V j x * V j a)).
Proof. apply partial_Sum; intros j; apply partial_tilt. Qed.
Lemma ratio_posterior V a x :
  Sum components (fun j => tilt V j x * V j a) = ratio V x * posterior V a x.
Proof.
  unfold posterior. rewrite Sum_mult_r. apply Sum_ext; intros j. unfold psi.
  pose proof (ratio_positive V x). field. lra.
Qed.
Lemma partial_log V a : partial a (fun x => log_ratio V x) (fun x => posterior V a x).
Proof.
  intros x. pose proof (ratio_positive V x) as P.
  assert (Q : 0 < ratio V (put x a (x a))) by (rewrite put_same; exact P).
  pose proof (derivable_pt_lim_comp (fun t => ratio V (put x a t)) ln (x a) _ _
    (partial_ratio V a x) (derivable_pt_lim_ln _ Q)) as C.
  cbv beta in C. rewrite ?put_same, ratio_posterior in C.
  replace (posterior V a x) with (/ ratio V x * (ratio V x * posterior V a x)) by (field; lra).
  exact C.
Qed.
Lemma partial_psi V j a : partial a (fun x => psi V j x)
  (fun x => psi V j x * (V j a + (-1) * posterior V a x)).
Proof.
  intros x. pose proof (ratio_positive V x) as P.
  assert (Q : ratio V (put x a (x a)) <> 0) by (rewrite put_same; lra).
  pose proof (derivable_pt_lim_div (fun t => tilt V j (put x a t)) (fun t => ratio V (put x a t))
    (x a) _ _ (partial_tilt V j a x) (partial_ratio V a x) Q) as C.
  cbv beta in C. rewrite ?put_same, ratio_posterior in C. unfold psi.
  replace (tilt V j x * / ratio V x * (V j a + (-1) * posterior V a x)) with
    ((tilt V j x * V j a * ratio V x - ratio V x * posterior V a x * tilt V j x) / Rsqr (ratio V x))
    by (unfold Rsqr; field; lra).
  exact C.
Qed.

(* The means of the theorem, and what is assumed of them. *)

Variable teacher : mean.
Variable student : state -> mean.
Hypothesis mean_responsibility : forall V j, student V (fun x => psi V j x) = weight j.
Hypothesis stein_teacher : forall a f g, tame f -> tame g -> partial a f g ->
  teacher (fun x => x a * f x) = teacher g.
Hypothesis stein_student : forall V a f g, tame f -> tame g -> partial a f g ->
  student V (fun x => x a * f x) = student V (fun x => g x + posterior V a x * f x).
Variable variation : state -> R.

(* Tactics of the exported proofs; all of them only apply the lemmas above. *)

Create HintDb meanings.
Ltac tame_auto :=
  intros; cbv beta;
  lazymatch goal with
  | |- tame (fun _ => ?c) => apply tame_const
  | |- tame (fun x => x _) => apply tame_entry
  | |- tame (fun x => psi _ _ x) => apply tame_psi
  | |- tame (fun x => log_ratio _ x) => apply tame_log
  | |- tame (fun x => @?f x + @?g x) => apply (tame_plus f g); tame_auto
  | |- tame (fun x => @?f x * @?g x) => apply (tame_mult f g); tame_auto
  | |- tame (fun x => sqrt (@?f x)) => apply (tame_root f); tame_auto
  | |- tame (fun x => case (@?f x) (@?g x) (@?h x) (@?k x)) => apply (tame_case f g h k); tame_auto
  | |- tame (fun x => Sum ?l (fun i => @?f x i)) => apply (tame_Sum l (fun i x => f x i)); tame_auto
  | |- tame (fun x => Steps ?l (fun i => @?f x i)) =>
      apply (tame_Steps l (fun i x => f x i)); tame_auto
  | |- tame (fun x => Largest ?l (fun i => @?f x i)) =>
      apply (tame_Largest l (fun i x => f x i)); tame_auto
  | |- tame (fun x => Least ?l (fun i => @?f x i)) =>
      apply (tame_Least l (fun i x => f x i)); tame_auto
  | |- _ => progress autounfold with meanings; tame_auto
  end.
Ltac all_tame := repeat first [apply Forall_nil | apply Forall_cons; [tame_auto|]].
(* An identity of polynomials in atoms; with rational numbers. *)
Ltac identity := cbv beta; first [ring | field].

(* Products of sums become sums of products, sums in the order they are met. *)
Ltac pull :=
  cbv beta;
  lazymatch goal with
  | |- Sum ?l _ = Sum ?l _ => apply Sum_ext; intro; pull
  | |- Sum ?l ?f * ?c = _ => (etransitivity; [exact (Sum_mult_l l f c)|]); apply Sum_ext; intro; pull
  | |- ?a * Sum ?l ?f = _ => (etransitivity; [exact (Sum_mult_r l f a)|]); apply Sum_ext; intro; pull
  | |- ?a * (Sum ?l ?f * ?c) = _ => transitivity (Sum l f * (a * c)); [ring|pull]
  | |- ?a * (?b * ?c) = _ => transitivity ((a * b) * c); [ring|pull]
  | |- _ => ring
  end.
(* The same up to the order of factors and terms within means and other operations. *)
Ltac same :=
  cbv beta;
  lazymatch goal with
  | |- value ?E _ = value ?E _ => apply (mean_ext E); intro; same
  | |- Sum ?l _ = Sum ?l _ => apply Sum_ext; intro; same
  | |- Steps ?l _ = Steps ?l _ => apply Steps_ext; intro; same
  | |- Largest ?l _ = Largest ?l _ => apply Largest_ext; intro; same
  | |- Least ?l _ = Least ?l _ => apply Least_ext; intro; same
  | |- LeastSteps ?l _ = LeastSteps ?l _ => apply LeastSteps_ext; intro; same
  | |- inverse _ = inverse _ => apply f_equal; same
  | |- sqrt _ = sqrt _ => apply f_equal; same
  | |- exp _ = exp _ => apply f_equal; same
  | |- case _ _ _ _ = case _ _ _ _ => apply f_equal4; same
  | |- delta ?s ?i ?j = delta ?s ?j ?i => apply delta_sym
  | |- ?a = ?a => reflexivity
  | |- _ => first [ring | field | progress f_equal; same]
  end.
